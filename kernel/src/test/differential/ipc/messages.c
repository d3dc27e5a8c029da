/* msgget, msgsnd, msgrcv, msgctl: selection, truncation, limits, waiting. */
#include "../difftest.h"
#include <sys/ipc.h>
#include <sys/msg.h>

static int id;
struct text { long type; char text[16384]; };
static struct text buffer;

static int put(long type, const char *s, int flags) {
  struct text m = {.type = type};
  strcpy(m.text, s);
  return msgsnd(id, &m, strlen(s), flags);
}

static void get(long type, size_t room, int flags) {
  memset(&buffer, 0, sizeof buffer);
  errno = 0;
  ssize_t n = msgrcv(id, &buffer, room, type, flags);
  if (n == -1) printf("get %ld %zu %o: %s\n", type, room, flags, ename(errno));
  else printf("get %ld %zu %o: %zd type %ld \"%s\"\n", type, room, flags, n, buffer.type, buffer.text);
}

static void stat_line(const char *label) {
  struct msqid_ds d;
  if (msgctl(id, IPC_STAT, &d) == -1) { printf("%s: %s\n", label, ename(errno)); return; }
  printf("%s: cbytes %lu qnum %lu qbytes %lu lspid %s lrpid %s stime %s rtime %s mode %o\n", label, d.__msg_cbytes,
    (unsigned long)d.msg_qnum, (unsigned long)d.msg_qbytes, d.msg_lspid == getpid() ? "me" : d.msg_lspid ? "other" : "0",
    d.msg_lrpid == getpid() ? "me" : d.msg_lrpid ? "other" : "0", d.msg_stime ? "set" : "0", d.msg_rtime ? "set" : "0",
    d.msg_perm.mode);
}

static void errors(void) {
  SHOW(msgget(0x7abc0004, 0));
  int k = MUST(msgget(0x7abc0004, IPC_CREAT | 0600));
  SHOW(msgget(0x7abc0004, IPC_CREAT | IPC_EXCL | 0600));
  SHOW(msgctl(k, IPC_RMID, NULL));
  SHOW(msgctl(k, IPC_STAT, NULL));
  SHOW(msgsnd(-1, &buffer, 1, 0));
  SHOW(msgsnd(id, &buffer, 1, 0));
  buffer.type = -5;
  SHOW(msgsnd(id, &buffer, 1, 0));
  buffer.type = 1;
  SHOW(msgsnd(id, &buffer, 8193, 0));
  SHOW(msgsnd(id, &buffer, -1, 0));
  SHOW(msgsnd(id, (void *)8, 1, 0));
  SHOW(msgrcv(id, &buffer, -1, 0, IPC_NOWAIT));
  SHOW(msgrcv(-1, &buffer, 1, 0, IPC_NOWAIT));
  SHOW(msgrcv(id, &buffer, 1, 0, IPC_NOWAIT));
  SHOW(msgrcv(id, &buffer, 1, 0, MSG_COPY));
  SHOW(msgrcv(id, &buffer, 1, 0, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT));
  SHOW(msgrcv(id, &buffer, 1, 0, MSG_COPY | IPC_NOWAIT));
  SHOW(msgctl(id, 97, NULL));
  SHOW(msgctl(id, IPC_SET, (void *)8));
}

static void selection(void) {
  put(3, "three", 0); put(1, "one", 0); put(2, "two", 0); put(1, "uno", 0); put(5, "", 0);
  stat_line("five");
  get(3, 2, MSG_COPY | IPC_NOWAIT | MSG_NOERROR);
  get(4, 100, MSG_COPY | IPC_NOWAIT);
  get(5, 100, MSG_COPY | IPC_NOWAIT);
  get(-1, 100, MSG_COPY | IPC_NOWAIT);
  get(2, 2, 0);
  get(2, 2, MSG_NOERROR);
  get(-2, 100, 0);
  get(1, 100, MSG_EXCEPT);
  get(9, 100, IPC_NOWAIT);
  get(-4, 100, IPC_NOWAIT);
  get(-4, 100, IPC_NOWAIT);
  get(LONG_MIN, 0, IPC_NOWAIT);
  get(0, 100, IPC_NOWAIT);
  stat_line("empty");
  put(1, "faults", 0);
  SHOW(msgrcv(id, (void *)8, 100, 0, 0));
  stat_line("lost");
}

static void full(void) {
  struct msqid_ds d;
  MUST(msgctl(id, IPC_STAT, &d));
  d.msg_qbytes = 10;
  SHOW(msgctl(id, IPC_SET, &d));
  SHOW(put(1, "1234567", IPC_NOWAIT));
  SHOW(put(1, "1234", IPC_NOWAIT));
  SHOW(put(1, "123", IPC_NOWAIT));
  for (int i = 0; i < 9; i++) if (put(2, "", IPC_NOWAIT) == -1) { printf("empty %d: %s\n", i, ename(errno)); break; }
  get(1, 100, 0);
  stat_line("room again");
  while (msgrcv(id, &buffer, 100, 0, IPC_NOWAIT) >= 0) {}
  d.msg_qbytes = 16384;
  SHOW(msgctl(id, IPC_SET, &d));
  struct msginfo i;
  IS(msgctl(0, IPC_INFO, (struct msqid_ds *)&i) >= 0);
  printf("pool %d map %d max %d mnb %d mni %d ssz %d tql %d seg %d\n", i.msgpool, i.msgmap, i.msgmax, i.msgmnb, i.msgmni, i.msgssz,
    i.msgtql, i.msgseg);
}

static void receives_long(void) { get(7, 3, 0); get(7, 3, MSG_NOERROR); }
static void sends_when_room(void) { struct text m = {.type = 4}; SHOW(msgsnd(id, &m, 8000, 0)); }
static void receives_removed(void) { get(0, 10, 0); get(0, 10, 0); }

static void waiting(void) {
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) { receives_long(); _exit(0); }
  dt_await_state(p, "S");
  put(6, "six", 0);
  put(7, "seven", 0);
  for (int i = 0; i < 1000; i++) { struct msqid_ds d; msgctl(id, IPC_STAT, &d); if (d.msg_qnum == 1) break; dt_sleep_ms(1); }
  dt_reap("receiver", p);
  stat_line("received");
  get(0, 100, 0);
  struct text m = {.type = 4};
  MUST(msgsnd(id, &m, 8192, 0));
  MUST(msgsnd(id, &m, 8192, 0));
  fflush(stdout);
  p = fork();
  if (p == 0) { sends_when_room(); _exit(0); }
  dt_await_state(p, "S");
  stat_line("full");
  MUST(msgrcv(id, &m, 8192, 0, 0));
  dt_reap("sender", p);
  stat_line("full again");
  while (msgrcv(id, &buffer, 10, 0, IPC_NOWAIT | MSG_NOERROR) >= 0) {}
}

static void without_rights(void) {
  struct msqid_ds d;
  MUST(msgctl(id, IPC_STAT, &d));
  d.msg_perm.mode = 0666;
  MUST(msgctl(id, IPC_SET, &d));
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) {
    MUST(setresuid(1001, 1001, 1001));
    get(0, 10, 0);
    get(0, 10, 0);
    _exit(0);
  }
  dt_await_state(p, "S");
  d.msg_perm.mode = 0222;
  MUST(msgctl(id, IPC_SET, &d));
  dt_reap("no right to read", p);
}

static void on_signal(int s) { (void)s; }

static void interrupted(void) {
  struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &sa, NULL);
  pid_t me = getpid(), p = fork();
  if (p == 0) { dt_await_state(me, "S"); kill(me, SIGUSR1); _exit(0); }
  get(0, 10, 0);
  waitpid(p, NULL, 0);
}

int main(void) {
  dt_start(30);
  unshare(CLONE_NEWIPC); /* where that is allowed: objects of others do not disturb */
  id = MUST(msgget(IPC_PRIVATE, 0640));
  stat_line("new");
  errors();
  selection();
  full();
  waiting();
  interrupted();
  without_rights();
  fflush(stdout);
  pid_t p = fork();
  if (p == 0) { receives_removed(); _exit(0); }
  dt_await_state(p, "S");
  MUST(msgctl(id, IPC_RMID, NULL));
  dt_reap("removed", p);
  stat_line("removed");
  return 0;
}
