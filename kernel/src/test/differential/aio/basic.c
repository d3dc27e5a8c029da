/* Asynchronous I/O of the kernel's own: contexts, reads and writes, vectors, fsync, events, eventfd, errors. */
#include "difftest.h"
#include <linux/aio_abi.h>
#include <sys/eventfd.h>

static long setup(unsigned n, aio_context_t *c) { return raw2(SYS_io_setup, n, c); }
static long destroy(aio_context_t c) { return raw1(SYS_io_destroy, c); }
static long submit(aio_context_t c, long n, void *list) { return raw3(SYS_io_submit, c, n, list); }
static long getevents(aio_context_t c, long min, long n, void *events, void *timeout) {
  return raw5(SYS_io_getevents, c, min, n, events, timeout);
}

static void show(struct io_event *e, long n, struct iocb *base) {
  for (long i = 0; i < n; i++)
    printf("  data %lld obj %ld res %s%lld res2 %lld\n", e[i].data, (long)((struct iocb *)(uintptr_t)e[i].obj - base),
           e[i].res < 0 ? ename(-e[i].res) : "", e[i].res < 0 ? 0 : e[i].res, e[i].res2);
}

int main(void) {
  dt_start(20);
  aio_context_t c = 0, c2 = 0;
  struct timespec zero = {0, 0}, some = {0, 20000000};
  struct io_event e[16];
  RAW(setup(0, &c));
  RAW(setup(4, (void *)8));
  c = 1;
  RAW(setup(4, &c));
  c = 0;
  RAW(setup(1 << 24, &c));
  RAW(setup(8, &c));
  IS(c != 0);
  RAW(setup(8, &c));
  RAW(setup(1, &c2));
  IS(c2 != 0 && c2 != c);
  RAW(destroy(c2));
  RAW(destroy(c2));
  RAW(destroy(0));
  RAW(destroy(12345));

  int fd = MUST(open("file", O_CREAT | O_RDWR, 0600)), rd = MUST(open("file", O_RDONLY));
  char text[16] = "hello, world!", in[16] = "", in2[16] = "";
  struct iocb cb[8];
  struct iocb *list[8];
  for (int i = 0; i < 8; i++) list[i] = &cb[i];
  memset(cb, 0, sizeof cb);
  cb[0] = (struct iocb){.aio_data = 11, .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = fd, .aio_buf = (uintptr_t)text, .aio_nbytes = 13};
  RAW(submit(c, 1, list));
  RAW(getevents(c, 1, 16, e, NULL));
  show(e, 1, cb);
  RAW(getevents(c, 0, 16, e, NULL));
  RAW(getevents(c, 1, 16, e, &zero));
  RAW(getevents(c, 1, 16, e, &some));
  cb[1] = (struct iocb){.aio_data = 22, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = rd, .aio_buf = (uintptr_t)in, .aio_nbytes = 5, .aio_offset = 7};
  struct iovec v[2] = {{in2, 3}, {in2 + 4, 9}};
  cb[2] = (struct iocb){.aio_data = 33, .aio_lio_opcode = IOCB_CMD_PREADV, .aio_fildes = fd, .aio_buf = (uintptr_t)v, .aio_nbytes = 2};
  cb[3] = (struct iocb){.aio_data = 44, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = fd, .aio_buf = (uintptr_t)in, .aio_nbytes = 5, .aio_offset = 100};
  RAW(submit(c, 3, list + 1));
  RAW(getevents(c, 3, 16, e, NULL));
  show(e, 3, cb);
  printf("%.5s %.3s %.9s\n", in, in2, in2 + 4);
  SHOW(lseek(fd, 0, SEEK_CUR));
  cb[0] = (struct iocb){.aio_data = 1, .aio_lio_opcode = IOCB_CMD_FSYNC, .aio_fildes = fd};
  cb[1] = (struct iocb){.aio_data = 2, .aio_lio_opcode = IOCB_CMD_FDSYNC, .aio_fildes = fd};
  RAW(submit(c, 2, list));
  RAW(getevents(c, 2, 2, e, NULL));
  IS(e[0].res == 0 && e[1].res == 0);

  /* One bad one after good ones: those are submitted. */
  cb[0] = (struct iocb){.aio_data = 1, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = fd, .aio_buf = (uintptr_t)in, .aio_nbytes = 1};
  cb[1] = cb[0];
  cb[1].aio_fildes = 900;
  RAW(submit(c, 2, list));
  RAW(submit(c, 1, list + 1));
  RAW(getevents(c, 1, 16, e, NULL));
  cb[1] = cb[0];
  cb[1].aio_lio_opcode = 99;
  RAW(submit(c, 1, list + 1));
  cb[1].aio_lio_opcode = IOCB_CMD_PWRITE;
  cb[1].aio_fildes = rd;
  RAW(submit(c, 1, list + 1));
  cb[1] = cb[0];
  cb[1].aio_reserved2 = 1;
  RAW(submit(c, 1, list + 1));
  cb[1] = cb[0];
  cb[1].aio_nbytes = -1;
  RAW(submit(c, 1, list + 1));
  cb[1] = cb[0];
  cb[1].aio_buf = -1;
  RAW(submit(c, 1, list + 1));
  cb[1].aio_buf = 8;
  cb[1].aio_nbytes = 5;
  RAW(submit(c, 1, list + 1));
  RAW(getevents(c, 1, 16, e, &some));
  show(e, 1, cb);
  cb[1] = cb[0];
  cb[1].aio_offset = -1;
  RAW(submit(c, 1, list + 1));
  RAW(getevents(c, 1, 16, e, &some));
  show(e, 1, cb);
  RAW(submit(c, 0, list));
  RAW(submit(c, -1, list));
  RAW(submit(c, 1, (void *)8));
  list[0] = (void *)8;
  RAW(submit(c, 1, list));
  list[0] = &cb[0];
  RAW(submit(0, 1, list));
  RAW(submit(c + 4096, 1, list));
  RAW(getevents(0, 0, 1, e, &zero));
  RAW(getevents(c, 2, 1, e, &zero));
  RAW(getevents(c, -1, 1, e, &zero));
  RAW(getevents(c, 0, -1, e, &zero));

  int ev = MUST(eventfd(0, 0));
  cb[0] = (struct iocb){.aio_data = 5, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = fd, .aio_buf = (uintptr_t)in, .aio_nbytes = 1,
                        .aio_flags = IOCB_FLAG_RESFD, .aio_resfd = ev};
  cb[1] = cb[0];
  RAW(submit(c, 2, list));
  uint64_t count = 0;
  SHOW(read(ev, &count, 8));
  SHOW(count);
  RAW(getevents(c, 2, 2, e, NULL));
  cb[0].aio_resfd = fd;
  RAW(submit(c, 1, list));
  cb[0].aio_resfd = 900;
  RAW(submit(c, 1, list));

  /* Readiness of a pipe. */
  int pipes[2];
  MUST(pipe(pipes));
  cb[0] = (struct iocb){.aio_data = 77, .aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = pipes[0], .aio_buf = 1};
  RAW(submit(c, 1, list));
  RAW(getevents(c, 1, 1, e, &zero));
  write(pipes[1], "x", 1);
  RAW(getevents(c, 1, 1, e, NULL));
  show(e, 1, cb);
  RAW(submit(c, 1, list));
  RAW(getevents(c, 1, 1, e, NULL));
  show(e, 1, cb);
  char x;
  read(pipes[0], &x, 1);
  RAW(submit(c, 1, list));
  RAW(raw3(SYS_io_cancel, c, &cb[0], e));
  RAW(getevents(c, 1, 1, e, &some));
  RAW(raw3(SYS_io_cancel, c, &cb[0], e));
  RAW(raw3(SYS_io_cancel, c, 8, e));
  RAW(raw3(SYS_io_cancel, 0, &cb[0], e));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    RAW(getevents(c, 0, 1, e, &zero));
    _exit(0);
  }
  dt_reap("child", pid);
  RAW(destroy(c));
  RAW(getevents(c, 0, 1, e, &zero));
  return 0;
}
