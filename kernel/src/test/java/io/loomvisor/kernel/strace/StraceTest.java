package io.loomvisor.kernel.strace;

import static io.loomvisor.kernel.syscall.SyscallNumber.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.task.signal.SignalInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The text of calls, signals and exits. The expected lines are what strace 6.1 prints for the same
 * calls on Linux.
 */
class StraceTest {
  private static final long BASE = 0x10000;

  private final byte[] memory = new byte[8192];
  private final ByteBuffer words = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);

  private final Peek peek =
      (address, length) -> {
        long at = address - BASE;
        return at < 0 || at >= memory.length
            ? new byte[0]
            : Arrays.copyOfRange(memory, (int) at, (int) Math.min(memory.length, at + length));
      };

  private long string(int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, memory, at, bytes.length);
    memory[at + bytes.length] = 0;
    return BASE + at;
  }

  private String line(SyscallNumber number, long result, long... arguments) {
    Call call = new Call(Arrays.copyOf(arguments, 6), peek, 0, false);
    Line line = new Line(number.number());
    return line.entry(call) + line.exit(call.returning(result));
  }

  @Test
  void opensAndReads() {
    long path = string(0, "/etc/passwd");
    assertEquals(
        "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY|O_CLOEXEC) = 3",
        line(OPENAT, 3, -100, path, 02000000, 0644));
    assertEquals(
        "openat(AT_FDCWD, \"/etc/passwd\", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3",
        line(OPENAT, 3, -100, path, 01101, 0644));
    assertEquals(
        "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY) = -1 ENOENT (No such file or directory)",
        line(OPENAT, -2, -100, path, 0, 0));
    assertEquals(
        "openat(AT_FDCWD, NULL, O_RDONLY) = -1 EFAULT (Bad address)",
        line(OPENAT, -14, -100, 0, 0));
    assertEquals(
        "openat(5, 0x7fff00000000, O_RDONLY) = -1 EFAULT (Bad address)",
        line(OPENAT, -14, 5, 0x7fff00000000L, 0));
  }

  @Test
  void showsWhatWasReadAndNoMore() {
    long buffer = string(0, "one\ntwo\0\1\0019\"\\rest of the buffer, not read");
    assertEquals(
        "read(0, \"one\\ntwo\\0\\1\\0019\\\"\\\\\", 100) = 13", line(READ, 13, 0, buffer, 100));
    assertEquals("read(0, \"\", 100) = 0", line(READ, 0, 0, buffer, 100));
    assertEquals(
        "read(0, 0x10000, 100) = -1 EAGAIN (Resource temporarily unavailable)",
        line(READ, -11, 0, buffer, 100));
    assertEquals(
        "write(1, \"one\\ntwo\\0\\1\\0019\\\"\\\\rest of the buffer,\"..., 40) = 40",
        line(WRITE, 40, 1, buffer, 40));
    assertEquals(
        "read(3, 0x10000, 8) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
        line(READ, -512, 3, buffer, 8));
  }

  @Test
  void entryEndsWhereTheKernelHasToWrite() {
    Call call = new Call(new long[] {3, BASE, 10, 0, 0, 0}, peek, 0, false);
    assertEquals("read(3, ", new Line(READ.number()).entry(call));
    assertEquals(
        "wait4(-1, ",
        new Line(WAIT4.number()).entry(new Call(new long[] {-1, 0, 0, 0, 0, 0}, peek, 0, false)));
    assertEquals("getpid(", new Line(GETPID.number()).entry(call));
  }

  @Test
  void decodesStructsOfFiles() {
    long path = string(1000, "/dev/null");
    words.putInt(24, 0100644).putLong(48, 12);
    assertEquals(
        "stat(\"/dev/null\", {st_mode=S_IFREG|0644, st_size=12, ...}) = 0",
        line(STAT, 0, path, BASE));
    words.putInt(24, 020666).putLong(40, 0x103);
    assertEquals(
        "newfstatat(AT_FDCWD, \"/dev/null\", {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x3),"
            + " ...}, AT_SYMLINK_NOFOLLOW) = 0",
        line(NEWFSTATAT, 0, -100, path, BASE, 0x100));
    words.putLong(0, BASE + 1000).putLong(8, 4).putLong(16, BASE + 1004).putLong(24, 5);
    assertEquals(
        "writev(2, [{iov_base=\"/dev\", iov_len=4}, {iov_base=\"/null\", iov_len=5}], 2) = 9",
        line(WRITEV, 9, 2, BASE, 2));
    assertEquals(
        "readv(2, [{iov_base=\"/dev\", iov_len=4}, {iov_base=\"/n\", iov_len=5}], 2) = 6",
        line(READV, 6, 2, BASE, 2));
  }

  @Test
  void namesFlagsAndKeepsUnknownBits() {
    assertEquals(
        "mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE|MAP_STACK, -1, 0) ="
            + " 0x7f3fef8e5000",
        line(MMAP, 0x7f3fef8e5000L, 0, 4096, 0, 0x24022, -1, 0));
    assertEquals(
        "mmap(0x1000, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 3, 0x28000) = 0x1000",
        line(MMAP, 0x1000, 0x1000, 4096, 5, 0x12, 3, 0x28000));
    assertEquals(
        "mprotect(0x1000, 4096, PROT_READ|0x100) = -1 EINVAL (Invalid argument)",
        line(MPROTECT, -22, 4096, 4096, 0x101));
    assertEquals(
        "madvise(0x1000, 4, 0x4d /* MADV_??? */) = -1 EINVAL (Invalid argument)",
        line(MADVISE, -22, 4096, 4, 77));
    assertEquals(
        "fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)", line(FCNTL, 0x8002, 3, 3, 0));
    assertEquals("fcntl(11, F_SETFD, FD_CLOEXEC) = 0", line(FCNTL, 0, 11, 2, 1));
    assertEquals("umask(022) = 077", line(UMASK, 077, 022));
    assertEquals("lseek(3, -5, SEEK_END) = 7", line(LSEEK, 7, 3, -5, 2));
    assertEquals("brk(NULL) = 0x5000", line(BRK, 0x5000, 0));
    assertEquals("getpid() = 7", line(GETPID, 7));
  }

  @Test
  void decodesSignals() {
    words
        .putLong(0, 0x55cb923101b9L)
        .putLong(8, 0x54000004L)
        .putLong(16, 0x7f3fef736050L)
        .putLong(24, 0);
    assertEquals(
        "rt_sigaction(SIGILL, {sa_handler=0x55cb923101b9, sa_mask=[],"
            + " sa_flags=SA_RESTORER|SA_RESTART|SA_NODEFER|SA_SIGINFO, sa_restorer=0x7f3fef736050},"
            + " NULL, 8) = 0",
        line(RT_SIGACTION, 0, 4, BASE, 0, 8));
    words.putLong(0, ~0x180000002L).putLong(8, 0x1L << 39 | 3);
    assertEquals(
        "rt_sigprocmask(SIG_SETMASK, ~[INT RTMIN RT_1], [HUP INT RT_8], 8) = 0",
        line(RT_SIGPROCMASK, 0, 2, BASE, BASE + 8, 8));
    words.putInt(0, 0x0300);
    assertEquals(
        "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], WNOHANG, NULL) = 9",
        line(WAIT4, 9, -1, BASE, 1, 0));
    assertEquals("wait4(-1, 0x10000, WNOHANG, NULL) = 0", line(WAIT4, 0, -1, BASE, 1, 0));
    words.putInt(0, 10);
    assertEquals(
        "wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGUSR1}], 0, NULL) = 9",
        line(WAIT4, 9, -1, BASE, 0, 0));
    assertEquals("kill(25808, SIGUSR1) = 0", line(KILL, 0, 25808, 10));
  }

  @Test
  void describesSignals() {
    assertEquals(
        "{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7, si_uid=0, si_status=3}",
        info(new SignalInfo(17, 0, SignalInfo.CLD_EXITED, 7, 0, 3, 0)));
    assertEquals(
        "{si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=7, si_uid=0, si_status=SIGUSR1}",
        info(new SignalInfo(17, 0, SignalInfo.CLD_KILLED, 7, 0, 10, 0)));
    assertEquals(
        "{si_signo=SIGUSR1, si_code=SI_USER, si_pid=8, si_uid=1000}",
        info(SignalInfo.from(10, 0, 8, 1000, 0)));
    assertEquals(
        "{si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL}", info(SignalInfo.fault(11, 1, 0)));
    assertEquals(
        "{si_signo=SIGFPE, si_code=FPE_INTDIV, si_addr=0x1234}",
        info(SignalInfo.fault(8, 1, 0x1234)));
  }

  private static String info(SignalInfo info) {
    StringBuilder out = new StringBuilder();
    SignalText.info(out, info);
    return out.toString();
  }

  @Test
  void decodesProcesses() {
    words.putLong(0, string(1000, "sh")).putLong(8, string(1010, "-c")).putLong(16, 0);
    assertEquals(
        "execve(\"sh\", [\"sh\", \"-c\"], 0x10008 /* 1 var */) = 0",
        line(EXECVE, 0, BASE + 1000, BASE, BASE + 8));
    assertEquals(
        "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD,"
            + " child_tidptr=0x7f119ac91a10) = 5",
        line(SyscallNumber.CLONE, 5, 0x1200011, 0, 0, 0x7f119ac91a10L, 0));
    words.putLong(0, 8 << 20).putLong(8, -1);
    assertEquals(
        "prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0",
        line(PRLIMIT64, 0, 0, 3, 0, BASE));
    assertEquals(
        "futex(0x10000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 2, NULL, NULL, 0xffffffff)"
            + " = 0",
        line(FUTEX, 0, BASE, 9 | 128 | 256, 2, 0, 0, -1));
    words.putLong(0, 1).putLong(8, 500);
    assertEquals(
        "clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=500}, NULL) = 0",
        line(CLOCK_NANOSLEEP, 0, 0, 0, BASE, 0));
  }

  @Test
  void decodesSocketsAndPolling() {
    words.putShort(0, (short) 2).putShort(2, (short) 0x3500).putInt(4, 0x0100007f);
    assertEquals(
        "connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"127.0.0.1\")}, 16)"
            + " = 0",
        line(CONNECT, 0, 3, BASE, 16));
    words.putShort(0, (short) 1);
    string(2, "/run/x");
    assertEquals(
        "bind(3, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110) = 0", line(BIND, 0, 3, BASE, 110));
    words.putShort(0, (short) 1).put(2, (byte) 0).put(3, (byte) 'a').put(4, (byte) 'b');
    assertEquals(
        "bind(3, {sa_family=AF_UNIX, sun_path=@\"ab\"}, 5) = 0", line(BIND, 0, 3, BASE, 5));
    assertEquals(
        "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3", line(SOCKET, 3, 1, 02000001, 0));
    assertEquals("socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 3", line(SOCKET, 3, 2, 2, 17));
    words.putInt(0, 4).putShort(4, (short) 1).putShort(6, (short) 0x11);
    assertEquals(
        "poll([{fd=4, events=POLLIN}], 1, -1) = 1 ([{fd=4, revents=POLLIN|POLLHUP}])",
        line(POLL, 1, BASE, 1, -1));
    assertEquals("poll([{fd=4, events=POLLIN}], 1, 1) = 0 (Timeout)", line(POLL, 0, BASE, 1, 1));
    words.putLong(0, 0x18);
    assertEquals(
        "select(5, [3 4], NULL, NULL, NULL) = 2 (in [3 4])", line(SELECT, 2, 5, BASE, 0, 0, 0));
  }

  @Test
  void writesIpv6AsInetNtopDoes() {
    byte[] address = new byte[16];
    assertEquals("::", v6(address));
    address[15] = 1;
    assertEquals("::1", v6(address));
    address[0] = (byte) 0xfe;
    address[1] = (byte) 0x80;
    assertEquals("fe80::1", v6(address));
    address[5] = 2;
    assertEquals("fe80:0:2::1", v6(address));
    address[15] = 0;
    assertEquals("fe80:0:2::", v6(address));
  }

  private static String v6(byte[] address) {
    StringBuilder out = new StringBuilder();
    InetText.v6(out, address, 0);
    return out.toString();
  }

  @Test
  void everySignatureSurvivesHostileArguments() {
    long[] nasty = {
      0,
      -1,
      1,
      Long.MIN_VALUE,
      Long.MAX_VALUE,
      BASE,
      BASE + 8190,
      0xffff800000000000L,
      0x7fffffffffffL,
      13
    };
    Arrays.fill(memory, (byte) 0xff);
    for (SyscallNumber n : SyscallNumber.values()) {
      for (long a : nasty) {
        for (long result : new long[] {-14, 0, 1, Long.MAX_VALUE, 1 << 20}) {
          assertTrue(
              line(n, result, a, a, a, a, a, a).startsWith(n.linuxName() + "("), n.linuxName());
        }
        for (int shift = 0; shift < nasty.length; shift++) {
          long[] mixed = new long[6];
          for (int i = 0; i < 6; i++) {
            mixed[i] = nasty[(i * 3 + shift) % nasty.length];
          }
          assertTrue(line(n, 5, mixed).length() < 100_000, n.linuxName());
        }
      }
    }
  }

  @Test
  void sleepingCallIsPrintedInTwoParts() {
    List<String> lines = new ArrayList<>();
    StraceLog log = new StraceLog(lines::add);
    boolean[] asleep = {false};
    log.entered(2, "read(3, ", () -> asleep[0]);
    log.entered(3, "getpid(", () -> false);
    log.returned(3, "getpid", ") = 3");
    asleep[0] = true;
    log.said(3, "--- SIGUSR1 {} ---");
    log.returned(2, "read", "\"x\", 1) = 1");
    log.entered(3, "exit_group(0", () -> false);
    log.ended(3, "+++ exited with 0 +++");
    assertEquals(
        List.of(
            "[pid 3] getpid() = 3",
            "[pid 2] read(3,  <unfinished ...>",
            "[pid 3] --- SIGUSR1 {} ---",
            "[pid 2] <... read resumed>\"x\", 1) = 1",
            "[pid 3] exit_group(0) = ?",
            "[pid 3] +++ exited with 0 +++"),
        lines);
  }
}
