# SPDX-License-Identifier: Apache-2.0
# bash completion of segproof-check
_segproof_check() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  if [ "$before" = --require ]; then
    mapfile -t COMPREPLY < <(compgen -W proved -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "--key --ignore-signature --network --require --help --version" -- "$word")
  else
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -F _segproof_check segproof-check
