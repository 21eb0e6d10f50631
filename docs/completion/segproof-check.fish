# SPDX-License-Identifier: Apache-2.0
# fish completion of segproof-check
complete -c segproof-check -l key -r -d 'the bundle must be signed by this key'
complete -c segproof-check -l ignore-signature -d 'look at a signed bundle without a key'
complete -c segproof-check -l network -r -d 'the network file of the certificates'
complete -c segproof-check -l require -x -a proved -d 'what every claim must be'
complete -c segproof-check -l help -d 'say how it is called'
complete -c segproof-check -l version -d 'say which version it is'
