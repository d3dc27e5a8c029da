# needs: bash
exec bash -s <<'END'
set -o pipefail
declare -A m=([one]=1 [two]=2 [three]=3)
for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done | sort
a=(5 3 9); printf '%s\n' "${a[@]}" | sort -n | paste -sd,
diff <(printf 'a\nb\n') <(printf 'a\nc\n'); echo "diff $?"
coproc cat; echo through >&"${COPROC[1]}"; read -r line <&"${COPROC[0]}"; echo "$line"
eval "exec ${COPROC[1]}>&-"; wait; echo "coproc $?"
trap 'echo term caught' TERM; kill -TERM $$; trap - TERM
(exit 3) & wait $!; echo "waited $?"
sh -c 'kill -9 $$'; echo "killed $?"
false | true; echo "pipefail $?"
x=$(< <(echo from process substitution)); echo "$x"
while read -r n; do echo "n=$n"; done <<< $'1\n2'
cat << EOF | tr a-z A-Z
here document $((6 * 7))
EOF
echo "${BASH_VERSINFO[0]}"
[[ abc =~ ^a(b)c$ ]] && echo "${BASH_REMATCH[1]}"
printf '%(%Y)T\n' 0
ulimit -n 64 && ulimit -n
mapfile -t lines < <(seq 5); echo "${#lines[@]}"
for i in {1..20}; do (echo $i) & done | sort -n | paste -sd' '
wait
time -p true 2>/dev/null
exit 9
END
