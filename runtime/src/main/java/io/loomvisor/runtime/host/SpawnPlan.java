package io.loomvisor.runtime.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The attributes and file actions of one posix_spawn(3). Lives as long as its arena. */
final class SpawnPlan {
  private static final short POSIX_SPAWN_SETPGROUP = 0x02;
  private static final short POSIX_SPAWN_SETSID = 0x80;

  /** Larger than glibc's posix_spawnattr_t (336) and posix_spawn_file_actions_t (80). */
  private static final int ATTRIBUTES_SIZE = 512;

  private static final int ACTIONS_SIZE = 256;

  private final Arena arena;
  private final long attributes;
  private final long actions;

  SpawnPlan(Arena arena) throws IOException {
    this.arena = arena;
    attributes = arena.allocate(ATTRIBUTES_SIZE, 8).address();
    actions = arena.allocate(ACTIONS_SIZE, 8).address();
    call("posix_spawnattr_init", attributes);
    call("posix_spawn_file_actions_init", actions);
  }

  void group(ChildProcess.Group group) throws IOException {
    short flags =
        switch (group) {
          case SAME -> 0;
          case OWN -> POSIX_SPAWN_SETPGROUP;
          case SESSION -> POSIX_SPAWN_SETSID;
        };
    call("posix_spawnattr_setflags", attributes, flags);
    call("posix_spawnattr_setpgroup", attributes, 0);
  }

  /** They become the child's first ones; all others above 2 are closed. */
  void descriptors(int[] inherited) throws IOException {
    int first = ChildProcess.FIRST_DESCRIPTOR;
    for (int i = 0; i < inherited.length; i++) {
      if (inherited[i] < first + inherited.length) {
        throw new IOException("descriptor " + inherited[i] + " is in the way of its own copies");
      }
      call("posix_spawn_file_actions_adddup2", actions, inherited[i], first + i);
    }
    call("posix_spawn_file_actions_addclosefrom_np", actions, first + inherited.length);
  }

  void streams(ChildProcess.Streams streams) throws IOException {
    if (streams instanceof ChildProcess.Streams.Quiet) {
      // A pipe that the command writes to must not stay open in the child.
      open(0, "/dev/null", HostFile.O_RDWR);
      open(1, "/dev/null", HostFile.O_RDWR);
    } else if (streams instanceof ChildProcess.Streams.FromFile(String path)) {
      open(0, path, HostFile.O_RDONLY);
    } else if (streams instanceof ChildProcess.Streams.Terminal(String path)) {
      for (int fd = 0; fd <= 2; fd++) {
        open(fd, path, HostFile.O_RDWR);
      }
    }
  }

  private void open(int fd, String path, int flags) throws IOException {
    long name = Syscall.string(arena, path);
    call("posix_spawn_file_actions_addopen", actions, fd, name, flags, 0);
  }

  /** The child's pid. */
  int spawn(String program, List<String> arguments, List<String> environment) throws IOException {
    MemorySegment pid = arena.allocate(8, 8);
    Syscall.status(
        arena,
        "posix_spawn " + program,
        Syscall.function("posix_spawn"),
        pid.address(),
        Syscall.string(arena, program),
        actions,
        attributes,
        strings(arguments),
        strings(environment));
    call("posix_spawn_file_actions_destroy", actions);
    call("posix_spawnattr_destroy", attributes);
    return pid.get(ValueLayout.JAVA_INT, 0);
  }

  /** The address of an array of C strings that a null pointer ends. */
  private long strings(List<String> texts) {
    MemorySegment array = arena.allocate((texts.size() + 1) * 8L, 8);
    for (int i = 0; i < texts.size(); i++) {
      array.set(ValueLayout.JAVA_LONG, i * 8L, Syscall.string(arena, texts.get(i)));
    }
    return array.address();
  }

  private void call(String function, long... arguments) throws IOException {
    Syscall.status(arena, function, Syscall.function(function), arguments);
  }
}
