# What compare.awk and compare-attached.awk know of a line of strace's output, and of the list.
BEGIN {
  while ((getline line < calls) > 0) allowed[line] = 1
  while ((getline line < requests) > 0) request[line] = 1
}

{
  pid = $1
  text = substr($0, length(pid) + 2)
  sub(/^ +/, "", text)
}

# The call that the line says has been made, of ioctl(2) with the request; "" if it says something else. One that takes a while counts
# when it ends: of threads that were being killed, as the process ended, strace has been seen to show a futex(2) with the number
# of another call. What the filter kills says so.
function made(   what) {
  if (text ~ /^<\.\.\. /) {
    what = held[pid]
    delete held[pid]
    return text ~ /= \?$/ ? "" : what
  }
  if (text !~ /^[a-z_0-9]+\(/) return ""
  what = text
  sub(/\(.*/, "", what)
  if (what == "ioctl") {
    what = text
    sub(/^ioctl\([^,]*, /, "", what)
    if (what ~ /^_IOC\(/) sub(/\).*/, "", what) # a number without a name
    else sub(/[,)].*/, "", what)
    sub(/ <unfinished.*/, "", what)
    what = "ioctl " what
  }
  if (text !~ /<unfinished \.\.\.>$/) return what
  held[pid] = what
  return ""
}

function known(call,   names, n, i) {
  if (call !~ /^ioctl /) return call in allowed
  # strace does not know what the descriptor is, and gives all names of the number.
  n = split(substr(call, 7), names, " or ")
  for (i = 1; i <= n; i++) if (names[i] in request) return 1
  return 0
}
