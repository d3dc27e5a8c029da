# Reads strace -f output whose first process is the launcher and so the sentry; with -v find=WORD the sentry is the process that
# executes a program with that word among its arguments. Follows which threads are the sentry's;
# counts their calls from the moment on at which its filter is in force. Exit status 1 if one is not in the list. Needs calls.awk.

NR == 1 && find == "" { sentry = $1; process[$1] = $1 }

!($1 in process) { process[$1] = $1 } # its clone has not been reported yet: see below

# The last such, as an environment or a shell may have been executed with these arguments before.
find != "" && !locked && text ~ /^execve\(/ && index(text, find) { sentry = pid; process[pid] = pid }

# A thread belongs to its creator's process, whatever has been seen of it before.
text ~ /^(clone|clone3)\(/ || text ~ /^<\.\.\. (clone|clone3) resumed>/ {
  begun = text ~ /^clone/ ? text : pending[pid] text
  if (text ~ /unfinished/) {
    pending[pid] = text
  } else if (match(text, /= [0-9]+( \/\* [0-9]+ in strace's PID NS \*\/)?$/)) {
    child = substr(text, RSTART + 2)
    if (child ~ /strace/) {
      sub(/^[0-9]+ \/\* /, "", child)
      sub(/ .*/, "", child)
    }
    if (begun ~ /CLONE_THREAD/) {
      process[child] = process[pid]
      if (process[pid] == sentry && child in early) {
        for (call in seen) {
          split(call, part, SUBSEP)
          if (part[1] == child) add(part[2], seen[call])
        }
      }
    }
  }
}

text ~ /^\+\+\+ killed by SIGSYS/ && process[pid] == sentry { killed = 1 }

process[pid] == sentry && text ~ /^seccomp\(SECCOMP_SET_MODE_FILTER/ { locked = 1; next }

!locked { next }

(call = made()) {
  if (process[pid] == sentry) {
    add(call, 1)
  } else if (process[pid] == pid) {
    early[pid] = 1
    seen[pid, call]++
  }
}

function add(call, n) { count[call] += n }

END {
  for (call in count) {
    if (!known(call)) outside[call] = count[call]
    printf "%8d  %s\n", count[call], call | "sort -rn"
    total += count[call]
    different++
    base = call
    sub(/ .*/, "", base)
    used[base] = 1
  }
  close("sort -rn")
  for (call in allowed) if (!(call in used)) unused = unused " " call
  printf "%d calls of %d kinds under the lock; allowed and not made:%s\n", total, different, unused
  for (call in outside) { print "OUTSIDE OF THE LIST: " call; bad = 1 }
  if (killed) { print "the sentry was killed by its filter"; bad = 1 }
  if (!locked || total == 0) { print "no lock was seen"; bad = 1 }
  exit bad
}
