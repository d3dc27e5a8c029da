# needs: dash
exec dash -s <<'END'
echo $((3 + 4)); set -- a b c; shift; echo "$@"
f() { local x=1; echo "f $x $1"; }; f arg
for i in 1 2 3; do echo $i; done | while read -r l; do printf '<%s>' "$l"; done; echo
(trap 'echo int' INT; kill -INT $(sh -c 'echo $PPID'))
echo out > /dev/stdout; echo err 2>&1 >&2 2>/dev/null
command -v nothing-at-all; echo "status $?"
case abc in a*) echo matched;; esac
umask; umask 077; umask
echo "a:b:c" | { IFS=: read -r x y z; echo "$z$y$x"; }
nothing-at-all 2>/dev/null; echo "status $?"
exit 300
END
