id; id -un; groups; whoami; getent passwd root; ls -ld /etc/passwd | cut -c1-10; cat /etc/hostname >/dev/null; echo $?; hostname >/dev/null; echo $?; tty; echo "tty $?"
ls / | wc -l; ls /etc | md5sum; cat /etc/os-release | md5sum; wc -c /bin/bash; sha256sum /bin/ls /usr/bin/env | md5sum; umask; ulimit -s; nproc; pwd; echo "$HOME"
