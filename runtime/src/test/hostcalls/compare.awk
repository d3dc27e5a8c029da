# Reads strace -f output whose first process is the launcher and so the sentry; with -v find=WORD the sentry is the process that
# executes a program with that word among its arguments. Follows which threads are the sentry's;
# counts their calls from the moment on at which its filter is in force. Exit status 1 if one is not in the list.
BEGIN {
  while ((getline line < calls) > 0) allowed[line] = 1
  while ((getline line < requests) > 0) request[line] = 1
}

NR == 1 && find == "" { sentry = $1; process[$1] = $1 }

!($1 in process) { process[$1] = $1 } # its clone has not been reported yet: see below

{
  pid = $1
  text = substr($0, length(pid) + 2)
  sub(/^ +/, "", text)
}

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

!locked || text !~ /^[a-z_0-9]+\(/ { next }

{
  call = text
  sub(/\(.*/, "", call)
  if (call == "ioctl") {
    what = text
    sub(/^ioctl\([^,]*, /, "", what)
    sub(/[,)].*/, "", what)
    sub(/ <unfinished.*/, "", what)
    call = "ioctl " what
  }
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
    known = 0
    if (call ~ /^ioctl /) {
      # strace does not know what the descriptor is, and gives all names of the number.
      n = split(substr(call, 7), names, " or ")
      for (i = 1; i <= n; i++) known = known || names[i] in request
    } else {
      known = call in allowed
    }
    if (!known) outside[call] = count[call]
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
