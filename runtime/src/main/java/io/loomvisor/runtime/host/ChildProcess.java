package io.loomvisor.runtime.host;

import io.loomvisor.gofer.abi.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;

/**
 * A child with exactly the descriptors that it is to have. {@link ProcessBuilder} closes every
 * descriptor above 2 in the child and cannot choose argv[0], so this goes through posix_spawn(3).
 */
public final class ChildProcess {
  /** The number that the first inherited descriptor has in the child; the others follow. */
  public static final int FIRST_DESCRIPTOR = 3;

  private static final int NR_WAIT4 = 61;
  private static final int WNOHANG = 1;

  /** Where the child's standard streams come from. */
  public sealed interface Streams {
    /** /dev/null, but standard error is this process's. */
    record Quiet() implements Streams {}

    /** This process's. */
    record Inherited() implements Streams {}

    /** All three are this terminal, which a leader of a new session gets as its controlling one. */
    record Terminal(String path) implements Streams {}

    /** Standard input from a file; the others are this process's. */
    record FromFile(String path) implements Streams {}
  }

  /** Which process group the child is in. */
  public enum Group {
    /** This process's. */
    SAME,
    /** One of its own: a Ctrl-C at the terminal is not for it. */
    OWN,
    /** One of its own in a session of its own. */
    SESSION
  }

  /**
   * What to start.
   *
   * @param program absolute path
   * @param arguments argv, from argv[0] on
   * @param descriptors become 3, 4 and so on; all others above 2 are closed
   */
  public record Spec(
      String program,
      List<String> arguments,
      Map<String, String> environment,
      Streams streams,
      int[] descriptors,
      Group group) {}

  private final int pid;

  private ChildProcess(int pid) {
    this.pid = pid;
  }

  public static ChildProcess spawn(Spec spec) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SpawnPlan plan = new SpawnPlan(arena);
      plan.group(spec.group());
      plan.descriptors(spec.descriptors());
      plan.streams(spec.streams());
      List<String> environment =
          spec.environment().entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
      return new ChildProcess(plan.spawn(spec.program(), spec.arguments(), environment));
    }
  }

  /** One that this process started before it became this program, by execve(2). */
  public static ChildProcess adopted(int pid) {
    return new ChildProcess(pid);
  }

  public int pid() {
    return pid;
  }

  /** The wait status if it has ended, else -1. Reaps it. */
  public int poll() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(8, 8);
      long r = Syscall.result(arena, NR_WAIT4, pid, status.address(), WNOHANG, 0);
      if (r < 0) {
        return 0; // reaped already
      }
      return r == pid ? status.get(ValueLayout.JAVA_INT, 0) : -1;
    }
  }

  /** Waits for its end and reaps it: the exit status, or 128 + n if signal n killed it. */
  public int await() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(8, 8);
      long r;
      do {
        r = Syscall.result(arena, NR_WAIT4, pid, place.address(), 0, 0);
      } while (r == Errno.EINTR.result());
      Syscall.checked("waitpid", r);
      int status = place.get(ValueLayout.JAVA_INT, 0);
      int signal = status & 0x7f;
      return signal != 0 ? 128 + signal : status >> 8 & 0xff;
    }
  }

  public void kill(int signal) {
    HostProcess.kill(pid, signal);
  }
}
