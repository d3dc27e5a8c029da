package io.loomvisor.vfs.tty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.scheduler.time.ManualTimerService;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.testing.TestCaller;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class PseudoTerminalTest {
  private static final int TIOCSPTLCK = 0x40045431;
  private static final int TIOCSCTTY = 0x540E;
  private static final int TIOCSPGRP = 0x5410;
  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;

  private final TestJobs jobs = new TestJobs();
  private final ManualTimerService timers = new ManualTimerService();
  private final DevptsFilesystem devpts =
      new DevptsFilesystem(DevptsOptions.CONTAINER, jobs, timers);
  private final TestCaller leader = new TestCaller(Credentials.root(), 10);

  private static Errno errno(Executable call) {
    return assertThrows(LinuxException.class, call).errno();
  }

  private static String read(FileDescription d) {
    byte[] bytes = new byte[200];
    int n = (int) d.read(HeapBuffer.wrap(bytes));
    return new String(bytes, 0, n, StandardCharsets.ISO_8859_1);
  }

  private static long write(FileDescription d, String text) {
    return d.write(HeapBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private PtyMaster master() {
    return devpts.openOwn(OpenFlags.O_RDWR, Credentials.root());
  }

  private FileDescription slave(PtyMaster m, int flags) {
    return m.openPeer(flags, leader);
  }

  private FileDescription control(PtyMaster m) {
    FileDescription s = slave(m, OpenFlags.O_RDWR | OpenFlags.O_NOCTTY);
    s.ioctl(leader, TIOCSCTTY, 0);
    return s;
  }

  private void setRaw(FileDescription s, int min, int time) {
    s.ioctl(leader, TCGETS, 0);
    leader.memory.set(ValueLayout.JAVA_INT_UNALIGNED, 12, 0);
    leader.memory.set(ValueLayout.JAVA_BYTE, 17 + Termios.VMIN, (byte) min);
    leader.memory.set(ValueLayout.JAVA_BYTE, 17 + Termios.VTIME, (byte) time);
    s.ioctl(leader, TCSETS, 0);
  }

  @Test
  void lineGoesUpAndOutputComesDown() {
    PtyMaster m = master();
    FileDescription s = slave(m, OpenFlags.O_RDWR);
    write(m, "ls\r");
    assertEquals("ls\r\n", read(m));
    assertEquals("ls\n", read(s));
    assertEquals(Errno.EAGAIN, errno(() -> read(s)));
    write(s, "a\n");
    assertEquals("a\r\n", read(m));
    assertEquals(Errno.EAGAIN, errno(() -> read(m)));
  }

  @Test
  void numbersAreReusedAndNamesGoWithTheMaster() {
    PtyMaster a = master();
    PtyMaster b = master();
    assertEquals(1, b.terminal().index());
    assertNotNull(devpts.root().lookup("0"));
    a.release();
    assertNull(devpts.root().lookup("0"));
    assertNull(devpts.root().lookup("01"));
    assertNull(devpts.root().lookup("x"));
    assertEquals(0, master().terminal().index());
    b.release();
  }

  @Test
  void lockedSlaveCannotBeOpened() {
    PtyMaster m = devpts.openMaster(devpts.root().lookup("ptmx"), null, OpenFlags.O_RDWR, leader);
    assertEquals(Errno.EIO, errno(() -> slave(m, OpenFlags.O_RDWR)));
    m.ioctl(leader, TIOCSPTLCK, 100);
    slave(m, OpenFlags.O_RDWR).release();
    m.release();
  }

  @Test
  void masterSeesTheEndAfterTheOutput() {
    PtyMaster m = master();
    FileDescription s = slave(m, OpenFlags.O_RDWR);
    List<Integer> notified = new ArrayList<>();
    m.waitQueue().register(notified::add, PollEvents.POLLHUP);
    write(s, "bye");
    s.release();
    assertEquals(1, notified.size());
    assertEquals("bye", read(m));
    assertEquals(Errno.EIO, errno(() -> read(m)));
  }

  @Test
  void masterCloseHangsUpTheSession() {
    PtyMaster m = master();
    FileDescription s = control(m);
    m.release();
    assertEquals(List.of("SIGHUP to leader 10", "SIGCONT to leader 10"), jobs.sent);
    assertEquals(0, jobs.terminals.size());
    assertEquals("", read(s));
    assertEquals(Errno.EIO, errno(() -> write(s, "x")));
    assertEquals(Errno.EIO, errno(() -> s.ioctl(leader, TCGETS, 0)));
    assertEquals(Errno.ENOTTY, errno(() -> s.ioctl(leader, TIOCSPGRP, 0)));
    s.release();
  }

  @Test
  void keysSignalTheForegroundGroup() {
    PtyMaster m = master();
    control(m);
    write(m, "\3\34\32");
    assertEquals(List.of("SIGINT to 10", "SIGQUIT to 10", "SIGTSTP to 10"), jobs.sent);
    jobs.sent.clear();
    m.terminal().setWindowSize(new Terminal.WindowSize((short) 1, (short) 2, (short) 0, (short) 0));
    m.terminal().setWindowSize(new Terminal.WindowSize((short) 1, (short) 2, (short) 0, (short) 0));
    assertEquals(List.of("SIGWINCH to 10"), jobs.sent);
  }

  @Test
  void backgroundReadStopsOrFails() {
    PtyMaster m = master();
    FileDescription s = control(m);
    jobs.sessions.put(77, 10);
    leader.memory.set(ValueLayout.JAVA_INT_UNALIGNED, 0, 77);
    s.ioctl(leader, TIOCSPGRP, 0);
    assertEquals(77, m.terminal().foreground());
    jobs.current = leader;
    assertEquals(Errno.ERESTARTSYS, errno(() -> read(s)));
    assertEquals(List.of("SIGTTIN to 10"), jobs.sent);
    jobs.ignored.add(TtySignal.SIGTTIN);
    assertEquals(Errno.EIO, errno(() -> read(s)));
    jobs.ignored.clear();
    jobs.orphaned.add(10);
    assertEquals(Errno.EIO, errno(() -> read(s)));
    assertEquals(1, write(s, "w"));
    leader.memory.set(ValueLayout.JAVA_INT_UNALIGNED, 0, 78);
    jobs.ignored.add(TtySignal.SIGTTOU);
    assertEquals(Errno.ESRCH, errno(() -> s.ioctl(leader, TIOCSPGRP, 0)));
  }

  @Test
  void interByteTimerEndsARead() {
    PtyMaster m = master();
    FileDescription s = slave(m, OpenFlags.O_RDWR);
    setRaw(s, 5, 2);
    List<Integer> notified = new ArrayList<>();
    s.waitQueue().register(notified::add, PollEvents.POLLIN);
    byte[] bytes = new byte[10];
    HeapBuffer target = HeapBuffer.wrap(bytes);
    assertEquals(Errno.EAGAIN, errno(() -> s.read(target)));
    timers.advance(TimeUnit.SECONDS.toNanos(5));
    assertEquals(Errno.EAGAIN, errno(() -> s.read(target)));
    write(m, "ab");
    assertEquals(Errno.EAGAIN, errno(() -> s.read(target)));
    notified.clear();
    timers.advance(TimeUnit.MILLISECONDS.toNanos(200));
    assertEquals(1, notified.size());
    assertEquals(2, s.read(target));
  }

  @Test
  void overallTimerEndsAReadWithNothing() {
    FileDescription s = slave(master(), OpenFlags.O_RDWR);
    setRaw(s, 0, 3);
    HeapBuffer target = HeapBuffer.wrap(new byte[10]);
    assertEquals(Errno.EAGAIN, errno(() -> s.read(target)));
    timers.advance(TimeUnit.MILLISECONDS.toNanos(299));
    assertEquals(Errno.EAGAIN, errno(() -> s.read(target)));
    timers.advance(TimeUnit.MILLISECONDS.toNanos(1));
    assertEquals(0, s.read(target));
  }

  @Test
  void unreadOutputIsBounded() {
    PtyMaster m = master();
    FileDescription s = slave(m, OpenFlags.O_RDWR);
    byte[] much = new byte[100_000];
    long taken = s.write(HeapBuffer.wrap(much));
    assertEquals(12_288, taken);
    assertEquals(Errno.EAGAIN, errno(() -> s.write(HeapBuffer.wrap(much))));
    assertEquals(0, s.readiness(PollEvents.POLLOUT));
    read(m);
    assertEquals(PollEvents.POLLOUT, s.readiness(PollEvents.POLLOUT));
  }

  @Test
  void mountOptions() {
    assertEquals(
        new DevptsOptions(-1, 5, 0620, 0666, 10),
        DevptsOptions.parse("newinstance,gid=5,mode=620,ptmxmode=0666,max=10"));
    assertEquals(DevptsOptions.DEFAULT, DevptsOptions.parse(""));
    assertEquals(Errno.EINVAL, errno(() -> DevptsOptions.parse("gid=x")));
    assertEquals(Errno.EINVAL, errno(() -> DevptsOptions.parse("what")));
  }
}
