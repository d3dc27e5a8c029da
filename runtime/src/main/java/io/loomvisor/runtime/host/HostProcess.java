package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
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

  private static final int NR_PIDFD_OPEN = 434;
  private static final int POLLIN = 1;

  private HostProcess() {}

  /**
   * Ends this process at once, as _exit(2). {@link Runtime#halt} waits 300 ms for threads that are
   * in a host call, and a sentry always has some (JDK:
   * VM_Exit::wait_for_threads_in_native_to_block).
   */
  public static void exit(int status) {
    Libc._exit(status);
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
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      boolean ended = fields[STATE].equals("Z") || fields[STATE].equals("X");
      return ended ? 0 : Long.parseLong(fields[START_TIME]);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      if (!Files.exists(Path.of("/proc/" + pid))) {
        return 0; // gone while it was read (ESRCH)
      }
      throw e;
    }
  }

  /**
   * Waits until process {@code pid}, started at {@code startTime}, has ended (pidfd_open(2)); false
   * if it has not after {@code nanos}.
   */
  public static boolean awaitEnd(int pid, long startTime, long nanos) throws IOException {
    long end = System.nanoTime() + nanos;
    int descriptor;
    try {
      descriptor = (int) Libc.syscall(NR_PIDFD_OPEN, pid, 0);
    } catch (LastErrorException e) {
      return startTime(pid) != startTime;
    }
    // struct pollfd: fd 0, events 4, revents 6.
    try (Memory set = new Memory(8)) {
      while (startTime(pid) == startTime) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        set.setInt(0, descriptor);
        set.setInt(4, POLLIN);
        Libc.poll(set, 1, (int) (left / 1_000_000) + 1);
      }
      return true;
    } catch (LastErrorException e) {
      throw new IOException("poll: " + e.getMessage(), e);
    } finally {
      Libc.close(descriptor);
    }
  }
}
