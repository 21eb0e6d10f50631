# SPDX-License-Identifier: Apache-2.0
# Written by segproof --generate bash.
_segproof() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="" options="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "${COMP_WORDS[i]}" in
      verify|confirm|trace|reach|matrix|blast|filter|inputs|normalise|keygen)
        command="${COMP_WORDS[i]}"
        break
        ;;
    esac
  done
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "verify confirm trace reach matrix blast filter inputs normalise keygen -h --help --version --generate" -- "$word"))
    return
  fi
  if [[ $word != -* ]]; then
    case "$command:$before" in
      verify:--format)
        COMPREPLY=($(compgen -W "text json junit sarif" -- "$word"))
        return
        ;;
      verify:--only)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      verify:--jobs)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      verify:--at)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      verify:--color)
        COMPREPLY=($(compgen -W "auto always never" -- "$word"))
        return
        ;;
      confirm:--format)
        COMPREPLY=($(compgen -W "text json" -- "$word"))
        return
        ;;
      confirm:--only)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      confirm:--probes)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      confirm:--seed)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      confirm:--jobs)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      confirm:--color)
        COMPREPLY=($(compgen -W "auto always never" -- "$word"))
        return
        ;;
      trace:--from)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      trace:--packet)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      trace:--format)
        COMPREPLY=($(compgen -W "text json" -- "$word"))
        return
        ;;
      trace:--color)
        COMPREPLY=($(compgen -W "auto always never" -- "$word"))
        return
        ;;
      reach:--from)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      reach:--to)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      reach:--service)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      reach:--spoofing)
        COMPREPLY=($(compgen -W "any segment own" -- "$word"))
        return
        ;;
      reach:--format)
        COMPREPLY=($(compgen -W "text json" -- "$word"))
        return
        ;;
      reach:--color)
        COMPREPLY=($(compgen -W "auto always never" -- "$word"))
        return
        ;;
      matrix:--between)
        COMPREPLY=($(compgen -W "zones hosts" -- "$word"))
        return
        ;;
      matrix:--format)
        COMPREPLY=($(compgen -W "text json csv" -- "$word"))
        return
        ;;
      matrix:--color)
        COMPREPLY=($(compgen -W "auto always never" -- "$word"))
        return
        ;;
      blast:--from)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      blast:--hops)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      blast:--pivot)
        COMPREPLY=($(compgen -W "direct vulnerable listening worst-case paranoid" -- "$word"))
        return
        ;;
      blast:--format)
        COMPREPLY=($(compgen -W "text json" -- "$word"))
        return
        ;;
      blast:--color)
        COMPREPLY=($(compgen -W "auto always never" -- "$word"))
        return
        ;;
      filter:--as)
        COMPREPLY=($(compgen -W "iptables-save ip6tables-save nft nft-json cisco-asa cisco-ios cisco-nxos" -- "$word"))
        return
        ;;
      filter:--packet)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      filter:--in)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      filter:--out)
        COMPREPLY=($(compgen -W "" -- "$word"))
        return
        ;;
      inputs:--format)
        COMPREPLY=($(compgen -W "text json" -- "$word"))
        return
        ;;
      inputs:--color)
        COMPREPLY=($(compgen -W "auto always never" -- "$word"))
        return
        ;;
    esac
    COMPREPLY=($(compgen -f -- "$word"))
    return
  fi
  case "$command" in
    verify)
      options="-t --topology -p --policy -c --claims --format --only --jobs --watch --evidence --redact --sign --at -o --output --color -h --help"
      ;;
    confirm)
      options="-t --topology -p --policy -c --claims --format --only --probes --seed --jobs -o --output --color -h --help"
      ;;
    trace)
      options="-t --topology -p --policy --from --packet --format -o --output --color -h --help"
      ;;
    reach)
      options="-t --topology -p --policy --from --to --service --new-only --spoofing --format -o --output --color -h --help"
      ;;
    matrix)
      options="-t --topology -p --policy --between --format -o --output --color -h --help"
      ;;
    blast)
      options="-t --topology -p --policy --from --hops --pivot --format -o --output --color -h --help"
      ;;
    filter)
      options="--as --packets --packet --in --out --host --ipset -o --output -h --help"
      ;;
    inputs)
      options="-t --topology -p --policy -c --claims --format -o --output --color -h --help"
      ;;
    normalise)
      options="-t --topology -p --policy -c --claims --evidence -o --output -h --help"
      ;;
    keygen)
      options="-h --help"
      ;;
  esac
  COMPREPLY=($(compgen -W "$options" -- "$word"))
}
complete -o filenames -F _segproof segproof
