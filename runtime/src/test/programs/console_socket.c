// A container engine's side of --console-socket: listens at argv[1], takes the terminal that is sent there, sets its size
// to 33 rows and 77 columns, types the further arguments, one line each, and prints what comes until the end.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[1]);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1)) fail("listen");
  puts("listening");
  fflush(stdout);
  int connection = accept(listener, NULL, NULL);
  if (connection < 0) fail("accept");
  char name[100];
  char control[CMSG_SPACE(sizeof(int))];
  struct iovec data = {name, sizeof name};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  if (recvmsg(connection, &message, 0) <= 0) fail("recvmsg");
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS) fail("no descriptor");
  int terminal;
  memcpy(&terminal, CMSG_DATA(header), sizeof terminal);
  printf("isatty %d\n", isatty(terminal));
  struct winsize size = {33, 77, 0, 0};
  if (ioctl(terminal, TIOCSWINSZ, &size)) fail("TIOCSWINSZ");
  for (int i = 2; i < argc; i++) {
    if (write(terminal, argv[i], strlen(argv[i])) < 0 || write(terminal, "\r", 1) < 0) fail("write");
  }
  char text[4096];
  ssize_t n;
  while ((n = read(terminal, text, sizeof text)) > 0) fwrite(text, 1, n, stdout);
  if (n < 0 && errno != EIO) fail("read");
  return 0;
}
