# Reads, twice, the output of strace -f -p SENTRY --pidns-translation, which was attached while the sentry booted. What is not the
# child of a fork that is seen is a thread of the sentry. Counts the calls of its threads from the moment on at which its filter is
# in force. Exit status 1 if one is not in the list, 2 if the filter was in force before. Needs calls.awk.

# The first time: who is whose child. The number in strace's PID namespace is in a comment where it is another.
FNR == NR {
  if (text ~ /^(clone|clone3|vfork|fork)\(/ || text ~ /^<\.\.\. (clone|clone3|vfork|fork) resumed>/) {
    begun = text ~ /^</ ? pending[pid] text : text
    if (text ~ /unfinished/) {
      pending[pid] = text
    } else if (match(text, /= [0-9]+( \/\* [0-9]+ in strace's PID NS \*\/)?$/)) {
      child = substr(text, RSTART + 2)
      if (child ~ /strace/) {
        sub(/^[0-9]+ \/\* /, "", child)
        sub(/ .*/, "", child)
      }
      if (begun ~ /CLONE_THREAD/) parent[child] = pid
      else forked[child] = 1
    }
  }
  next
}

function sentrys(p) {
  while (p in parent) p = parent[p]
  return !(p in forked)
}

!(pid in mine) { mine[pid] = sentrys(pid) }

!mine[pid] { next }

text ~ /^\+\+\+ killed by SIGSYS/ { killed = 1 }

text ~ /^seccomp\(SECCOMP_SET_MODE_FILTER/ { locked = 1; next }

!locked { next }

(call = made()) {
  count[call]++
}

END {
  for (call in count) {
    if (!known(call)) { print "OUTSIDE OF THE LIST: " call; bad = 1 }
    printf "%8d  %s\n", count[call], call
    total += count[call]
  }
  if (killed) { print "the sentry was killed by its filter"; bad = 1 }
  exit bad ? 1 : locked && total > 0 ? 0 : 2
}
