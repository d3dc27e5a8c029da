package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Processes of the host that are not this one's children. */
public final class HostProcess {
  /** Fields behind the command's name in /proc/PID/stat (proc(5)): state is the first. */
  private static final int STATE = 0;

  private static final int START_TIME = 19;

  private static final int NR_DUP2 = 33;
  private static final int NR_SETPGID = 109;
  private static final int NR_EXIT_GROUP = 231;
  private static final int NR_PIDFD_OPEN = 434;
  private static final int POLLIN = 1;
  private static final int SIGKILL = 9;
  private static final int SIGCHLD = 17;
  private static final long SIG_IGN = 1;

  private HostProcess() {}

  /**
   * Ends this process at once, as _exit(2). {@link Runtime#halt} waits 300 ms for threads that are
   * in a host call, and a sentry always has some (JDK:
   * VM_Exit::wait_for_threads_in_native_to_block).
   */
  public static void exit(int status) {
    Syscall.result(NR_EXIT_GROUP, status);
  }

  /** Makes this process a group of its own: a Ctrl-C at the terminal is not for it. */
  public static void leaveGroup() throws IOException {
    Syscall.checked("setpgid", Syscall.result(NR_SETPGID, 0, 0));
  }

  /** Makes standard output what standard input is. */
  public static void closeOutput() throws IOException {
    Syscall.checked("dup2", Syscall.result(NR_DUP2, 0, 1));
  }

  /**
   * The kernel forgets children of this process that end, and those of others that become its own
   * (signal(7), SIG_IGN for SIGCHLD): nobody has to wait for them, or can.
   */
  public static void forgetChildren() {
    Libc.signal(SIGCHLD, Pointer.createConstant(SIG_IGN));
  }

  /** Sends a signal; false if there is no such process any more. */
  public static boolean kill(int pid, int signal) {
    try {
      Libc.kill(pid, signal);
      return true;
    } catch (LastErrorException e) {
      return false;
    }
  }

  /**
   * When {@code pid} was started, in ticks since boot: together with the pid that names a process
   * for good. 0 if there is none, or only what is left of it (a zombie).
   */
  public static long startTime(int pid) throws IOException {
    String[] fields = fields(pid);
    return fields.length == 0 || fields[STATE].equals("Z") || fields[STATE].equals("X")
        ? 0
        : Long.parseLong(fields[START_TIME]);
  }

  /** Of /proc/PID/stat, from the state on; none if there is no such process. */
  private static String[] fields(int pid) throws IOException {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    } catch (NoSuchFileException e) {
      return new String[0];
    } catch (IOException e) {
      if (!Files.exists(Path.of("/proc/" + pid))) {
        return new String[0]; // gone while it was read (ESRCH)
      }
      throw e;
    }
  }

  /**
   * Waits until process {@code pid}, started at {@code startTime}, has ended with all its threads:
   * a leader that is a zombie may have threads that are not, and pidfd_open(2) tells of their end.
   * Of the first process of a PID namespace that is the end of all in it (pid_namespaces(7)). False
   * if it has not ended after {@code nanos}.
   */
  public static boolean awaitEnd(int pid, long startTime, long nanos) throws IOException {
    return awaitEnd(pid, startTime, nanos, 0);
  }

  /** Kills it, and waits as {@link #awaitEnd}. */
  public static boolean end(int pid, long startTime, long nanos) throws IOException {
    return awaitEnd(pid, startTime, nanos, SIGKILL);
  }

  private static boolean awaitEnd(int pid, long startTime, long nanos, int signal)
      throws IOException {
    long end = System.nanoTime() + nanos;
    int descriptor;
    try {
      descriptor = (int) Libc.syscall(NR_PIDFD_OPEN, pid, 0);
    } catch (LastErrorException e) {
      return startTime(pid) != startTime;
    }
    // struct pollfd: fd 0, events 4, revents 6.
    try (Memory set = new Memory(8)) {
      String[] fields = fields(pid);
      if (fields.length == 0 || Long.parseLong(fields[START_TIME]) != startTime) {
        return true;
      }
      kill(pid, signal);
      set.setInt(0, descriptor);
      set.setInt(4, POLLIN);
      for (long left = nanos; left > 0; left = end - System.nanoTime()) {
        if (poll(set, (int) Math.min(Integer.MAX_VALUE, left / 1_000_000 + 1))) {
          return true;
        }
      }
      return false;
    } finally {
      Libc.close(descriptor);
    }
  }

  private static boolean poll(Memory set, int millis) throws IOException {
    try {
      return Libc.poll(set, 1, millis) > 0;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Libc.EINTR) {
        return false;
      }
      throw new IOException("poll: " + e.getMessage(), e);
    }
  }
}
