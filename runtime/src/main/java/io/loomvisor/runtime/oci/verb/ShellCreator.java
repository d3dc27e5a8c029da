package io.loomvisor.runtime.oci.verb;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.runtime.boot.Creator;
import io.loomvisor.runtime.boot.EarlyGofer;
import io.loomvisor.runtime.host.HostProcess;
import io.loomvisor.runtime.host.UnixSockets;
import io.loomvisor.runtime.oci.cgroup.HostCgroup;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.spec.ContainerConfig.HookKind;
import io.loomvisor.runtime.oci.spec.HookConfig;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The launcher as the creator of a container (short_create in src/main/sh/verbs): there is no
 * verb's JVM, and what {@link Creation} does besides starting the sentry and running hooks is done
 * here, in the sentry, before it is locked in. The launcher holds the container's lock and has
 * handed it down; lines go to and fro by the container's named pipes:
 *
 * <pre>
 *   pid N                     ▶  of this process, on the host
 *   other                     ▶  this container is for the JVM's verb; nothing has been made yet
 *   hook KIND NUMBER WORD...  ▶  to be run: its path and its arguments, quoted for the shell
 *   hooks                     ▶  those were all
 *                             ◀  go, or failed KIND NUMBER STATUS
 *   created | failed          ▶  why it failed has been told, where the verb would have told it
 * </pre>
 */
public final class ShellCreator implements Creator {
  /** What /proc/PID is asked for: this process's own name in the host's file system. */
  private static final Path SELF = Path.of("/proc/self");

  private static final int THIS_PROCESS = 0;
  private static final int LONGEST = 128;
  private static final int AT_FDCWD = -100;

  private final VerbLog log;
  private final int from;
  private final int to;
  private final int lock;

  /** Of the container's state. */
  private Path place;

  private Path bundle;

  /** The configuration's. */
  private String text;

  private int pid;
  private StateDirectory directory;
  private boolean others;

  /** What a failure's message begins with, as with the verb of the JVM. */
  private String about = "";

  /**
   * @param log of the launcher's caller; empty for none
   * @param format of it
   * @param from the launcher's words come here; it has an end when the launcher has
   * @param to where it listens
   * @param lock the container's, held
   */
  public ShellCreator(String log, String format, int from, int to, int lock) {
    Path file = log.isEmpty() ? null : Path.of(log);
    this.log =
        new VerbLog(
            new GlobalOptions(
                GlobalOptions.DEFAULT_ROOT, file, format.equals("json"), false, true));
    this.from = from;
    this.to = to;
    this.lock = lock;
  }

  @Override
  public ContainerConfig configuration(Path path, Path from) throws IOException {
    place = path;
    bundle = from;
    pid = Integer.parseInt(Files.readSymbolicLink(SELF).toString());
    say("pid " + pid);
    ContainerConfig config;
    try {
      text = Files.readString(bundle.resolve(StateDirectory.CONFIG));
      config = ContainerConfig.parse(text, bundle);
      others = !plain(config);
    } catch (IOException e) {
      others = true;
      throw e;
    }
    if (others) {
      throw new RuntimeFailure("a container for the JVM's verb");
    }
    return config;
  }

  @Override
  public void begin(ContainerConfig config) throws IOException {
    config.notices().forEach(log::warning);
    directory = StateDirectory.inherited(place, lock);
    directory.replace(StateDirectory.CONFIG, text);
    String id = place.getFileName().toString();
    ContainerState state =
        Creation.initial(id, bundle, config).with(pid, HostProcess.startTime(pid));
    directory.write(state); // first: by this, others find the sentry and the group
    HostCgroup cgroup = HostCgroup.at(Lifecycle.cgroupPath(config, id));
    PlainFacts.of(config, cgroup, null)
        .write(directory); // before the group: the launcher removes it by this
    cgroup.add(THIS_PROCESS);
    if (EarlyGofer.pid() != 0) {
      cgroup.add(EarlyGofer.pid());
    }
    cgroup.set(config.resources());
    directory.replace(HookRunner.INPUT, state.json().toString());
    hooks(config);
    about = "unable to start container process: ";
  }

  /** Whether the launcher has done, and can do, what the verb would do for this container. */
  private static boolean plain(ContainerConfig config) {
    return config.networkNamespace() == null
        && config.utsNamespace() == null
        && (config.process() == null || !config.process().terminal())
        && Files.isDirectory(config.rootPath())
        && (config.cgroupsPath() == null || config.cgroupsPath().indexOf('\n') < 0)
        && config.hooks().get(HookKind.CREATE_CONTAINER).isEmpty()
        && config.hooks().get(HookKind.PRESTART).stream().allMatch(ShellCreator::plain)
        && config.hooks().get(HookKind.CREATE_RUNTIME).stream().allMatch(ShellCreator::plain);
  }

  private static boolean plain(HookConfig hook) {
    return hook.env().isEmpty() && hook.timeout() == 0 && Files.isExecutable(Path.of(hook.path()));
  }

  private void hooks(ContainerConfig config) {
    for (HookKind kind : List.of(HookKind.PRESTART, HookKind.CREATE_RUNTIME)) {
      int number = 0;
      for (HookConfig hook : config.hooks().get(kind)) {
        StringBuilder line = new StringBuilder("hook " + kind.property() + " " + number++);
        line.append(' ').append(quoted(hook.path()));
        hook.args().forEach(word -> line.append(' ').append(quoted(word)));
        say(line.toString());
      }
    }
    say("hooks");
  }

  /** As one word of a line of bash: of what is between $' and ' two characters have a meaning. */
  static String quoted(String word) {
    return "$'" + word.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'";
  }

  @Override
  public int control(Path path) throws IOException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    int place = DirectoryCalls.open(AT_FDCWD, path.toString(), flags, 0);
    try {
      return UnixSockets.bindDatagram(place, StateDirectory.CONTROL);
    } finally {
      DescriptorCalls.close(place);
    }
  }

  @Override
  public void awaitHooks() throws IOException {
    String[] words = line().split(" ");
    DescriptorCalls.close(from);
    if (words.length == 4 && words[0].equals("failed")) {
      about = "";
      throw new RuntimeFailure(
          "error running " + words[1] + " hook #" + words[2] + ": exit status " + words[3]);
    }
    if (!words[0].equals("go")) {
      throw new IOException("the runtime has died");
    }
  }

  /** What comes next; empty if the launcher has died. */
  private String line() {
    StringBuilder line = new StringBuilder();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(1);
      while (line.length() < LONGEST && StreamCalls.read(from, one) == 1) {
        byte b = one.get(ValueLayout.JAVA_BYTE, 0);
        if (b == '\n') {
          return line.toString();
        }
        line.append((char) b);
      }
    }
    return "";
  }

  @Override
  public boolean created() {
    try {
      say("created");
    } catch (LinuxException e) {
      return false;
    }
    directory.close();
    DescriptorCalls.close(to);
    return true;
  }

  @Override
  public void failed(String message) {
    try {
      if (others) {
        say("other");
        return;
      }
      log.error(about + message);
      say("failed");
    } catch (LinuxException e) {
      // The launcher has died: this process ends, which is all that is left to do.
      assert e.errno() != null;
    }
  }

  private void say(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(bytes.length);
      buffer.copyFrom(MemorySegment.ofArray(bytes));
      for (long at = 0; at < bytes.length; ) {
        at += StreamCalls.write(to, buffer.asSlice(at));
      }
    }
  }
}
