package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A child that inherits one extra descriptor. {@link ProcessBuilder} closes every descriptor above
 * 2 in the child, so this goes through posix_spawn(3). The child has a process group of its own: a
 * Ctrl-C at the terminal is not for it.
 */
public final class ChildProcess {
  private static final int WNOHANG = 1;

  private final int pid;

  private ChildProcess(int pid) {
    this.pid = pid;
  }

  /**
   * Starts {@code command}, its standard input and output /dev/null, with {@code inheritedFd} as
   * its descriptor {@code childFd}.
   *
   * @param command absolute path of the program, then its arguments
   */
  public static ChildProcess spawn(
      List<String> command, Map<String, String> environment, int inheritedFd, int childFd)
      throws IOException {
    try (Memory attr = new Memory(Libc.SPAWN_ATTR_SIZE);
        Memory actions = new Memory(Libc.SPAWN_ACTIONS_SIZE)) {
      check("posix_spawnattr_init", Libc.posix_spawnattr_init(attr));
      check("posix_spawn_file_actions_init", Libc.posix_spawn_file_actions_init(actions));
      check(
          "posix_spawnattr_setflags",
          Libc.posix_spawnattr_setflags(attr, Libc.POSIX_SPAWN_SETPGROUP));
      check("posix_spawnattr_setpgroup", Libc.posix_spawnattr_setpgroup(attr, 0));
      check(
          "posix_spawn_file_actions_adddup2",
          Libc.posix_spawn_file_actions_adddup2(actions, inheritedFd, childFd));
      for (int fd = 0;
          fd < 2;
          fd++) { // a pipe that the command writes to must not stay open in the child
        check(
            "posix_spawn_file_actions_addopen",
            Libc.posix_spawn_file_actions_addopen(actions, fd, "/dev/null", Libc.O_RDWR, 0));
      }
      check(
          "posix_spawn_file_actions_addclosefrom_np",
          Libc.posix_spawn_file_actions_addclosefrom_np(actions, childFd + 1));
      int[] pid = new int[1];
      Pointer argv = new StringArray(command.toArray(String[]::new));
      Pointer envp =
          new StringArray(
              environment.entrySet().stream()
                  .map(e -> e.getKey() + "=" + e.getValue())
                  .toArray(String[]::new));
      check(
          "posix_spawn " + command.get(0),
          Libc.posix_spawn(pid, command.get(0), actions, attr, argv, envp));
      Libc.posix_spawn_file_actions_destroy(actions);
      Libc.posix_spawnattr_destroy(attr);
      return new ChildProcess(pid[0]);
    }
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

  public void kill(int signal) {
    try {
      Libc.kill(pid, signal);
    } catch (LastErrorException e) {
      // It has ended meanwhile: that is what was wanted.
      assert e.getErrorCode() != 0;
    }
  }

  private static void check(String call, int errno) throws IOException {
    if (errno != 0) {
      throw new IOException(call + ": error " + errno);
    }
  }
}
