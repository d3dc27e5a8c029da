package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A child with exactly the descriptors that it is to have. {@link ProcessBuilder} closes every
 * descriptor above 2 in the child and cannot choose argv[0], so this goes through posix_spawn(3).
 */
public final class ChildProcess {
  /** The number that the first inherited descriptor has in the child; the others follow. */
  public static final int FIRST_DESCRIPTOR = 3;

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
    try (Memory attributes = new Memory(Libc.SPAWN_ATTR_SIZE);
        Memory actions = new Memory(Libc.SPAWN_ACTIONS_SIZE)) {
      check("posix_spawnattr_init", Libc.posix_spawnattr_init(attributes));
      check("posix_spawn_file_actions_init", Libc.posix_spawn_file_actions_init(actions));
      short flags =
          switch (spec.group()) {
            case SAME -> 0;
            case OWN -> Libc.POSIX_SPAWN_SETPGROUP;
            case SESSION -> Libc.POSIX_SPAWN_SETSID;
          };
      check("posix_spawnattr_setflags", Libc.posix_spawnattr_setflags(attributes, flags));
      check("posix_spawnattr_setpgroup", Libc.posix_spawnattr_setpgroup(attributes, 0));
      descriptors(actions, spec.descriptors());
      streams(actions, spec.streams());
      int[] pid = new int[1];
      Pointer argv = new StringArray(spec.arguments().toArray(String[]::new));
      Pointer envp =
          new StringArray(
              spec.environment().entrySet().stream()
                  .map(e -> e.getKey() + "=" + e.getValue())
                  .toArray(String[]::new));
      check(
          "posix_spawn " + spec.program(),
          Libc.posix_spawn(pid, spec.program(), actions, attributes, argv, envp));
      Libc.posix_spawn_file_actions_destroy(actions);
      Libc.posix_spawnattr_destroy(attributes);
      return new ChildProcess(pid[0]);
    }
  }

  private static void descriptors(Memory actions, int[] inherited) throws IOException {
    for (int i = 0; i < inherited.length; i++) {
      if (inherited[i] < FIRST_DESCRIPTOR + inherited.length) {
        throw new IOException("descriptor " + inherited[i] + " is in the way of its own copies");
      }
      check(
          "posix_spawn_file_actions_adddup2",
          Libc.posix_spawn_file_actions_adddup2(actions, inherited[i], FIRST_DESCRIPTOR + i));
    }
    check(
        "posix_spawn_file_actions_addclosefrom_np",
        Libc.posix_spawn_file_actions_addclosefrom_np(
            actions, FIRST_DESCRIPTOR + inherited.length));
  }

  private static void streams(Memory actions, Streams streams) throws IOException {
    switch (streams) {
      case Streams.Quiet() -> {
        // A pipe that the command writes to must not stay open in the child.
        open(actions, 0, "/dev/null", Libc.O_RDWR);
        open(actions, 1, "/dev/null", Libc.O_RDWR);
      }
      case Streams.Inherited() -> {}
      case Streams.FromFile(String path) -> open(actions, 0, path, Libc.O_RDONLY);
      case Streams.Terminal(String path) -> {
        for (int fd = 0; fd <= 2; fd++) {
          open(actions, fd, path, Libc.O_RDWR);
        }
      }
    }
  }

  private static void open(Memory actions, int fd, String path, int flags) throws IOException {
    check(
        "posix_spawn_file_actions_addopen",
        Libc.posix_spawn_file_actions_addopen(actions, fd, path, flags, 0));
  }

  public int pid() {
    return pid;
  }

  /** The wait status if it has ended, else -1. Reaps it. */
  public int poll() {
    int[] status = new int[1];
    try {
      return Libc.waitpid(pid, status, WNOHANG) == pid ? status[0] : -1;
    } catch (LastErrorException e) {
      return 0; // reaped already
    }
  }

  /** Waits for its end and reaps it: the exit status, or 128 + n if signal n killed it. */
  public int await() throws IOException {
    int[] status = new int[1];
    for (; ; ) {
      try {
        Libc.waitpid(pid, status, 0);
        int signal = status[0] & 0x7f;
        return signal != 0 ? 128 + signal : status[0] >> 8 & 0xff;
      } catch (LastErrorException e) {
        if (e.getErrorCode() != Libc.EINTR) {
          throw new IOException("waitpid: " + e.getMessage(), e);
        }
      }
    }
  }

  public void kill(int signal) {
    HostProcess.kill(pid, signal);
  }

  private static void check(String call, int errno) throws IOException {
    if (errno != 0) {
      throw new IOException(call + ": error " + errno);
    }
  }
}
