# needs: strace gcc
# strace inside the sandbox beside strace on the host: what programs call must be the same but for numbers that vary.
d=$(mktemp -d) && cd "$d" || exit 1
cat > a.c <<'END'
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
static void on(int s) { (void)s; }
int main(int argc, char **argv) {
  if (argc > 1) return argv[1][0] - '0';
  int p[2];
  char c;
  pipe(p);
  signal(SIGUSR1, on);
  pid_t child = fork();
  if (child == 0) {
    read(p[0], &c, 1);
    execl("./a", "a", "4", (char *)0);
  }
  raise(SIGUSR1);
  write(p[1], "x", 1);
  int status;
  waitpid(child, &status, 0);
  open("/nowhere", O_RDONLY);
  return WEXITSTATUS(status) + 1;
}
END
gcc -O1 -w -static -o a a.c || exit 1
plain() { sed -E 's/0x[0-9a-f]+/ADDRESS/g; s/[0-9]{2,}/N/g; s/(si_[pu]id=|tgkill\(|kill\()[0-9]+(, [0-9N]+)?/\1N/g; s/= [0-9]+$/= N/; s/^\[pid +[0-9N]+\] //'; }
strace -o t -e trace=open,openat,pipe,pipe2,read,write,kill ./a; echo "status $?"; plain < t
strace -f -ff -o u -e trace=execve,read,write,exit_group ./a; echo "status $?"
for f in u.*; do plain < "$f" | sed 's/(.*/(/' | tr '\n' ' '; echo; done | sort
strace -f -qq -o v -e trace=getpid,getuid sh -c 'true; exit 3'; echo "status $?"
strace -o w -e trace=none -e signal=all ./a; echo "status $?"; plain < w
strace -o x -e inject=write:error=ENOSPC -e trace=write sh -c 'echo no 2>/dev/null'; echo "status $?"; plain < x | head -1
strace -o y -e inject=getppid:retval=77 -e trace=getppid sh -c 'echo done; exit 0'; echo "status $?"
strace -c -o z true; echo "status $?"; grep -c execve z
./a 7; echo "alone $?"
sleep 30 & p=$!
timeout -s INT 1 strace -qq -o q -p $p -e trace=all; kill $p; wait $p; echo "attached, then let go: $?"
cd / && rm -rf "$d"
