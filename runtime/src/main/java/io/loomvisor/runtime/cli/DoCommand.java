package io.loomvisor.runtime.cli;

import io.loomvisor.runtime.boot.DoSpec;
import io.loomvisor.runtime.boot.NetworkMode;
import io.loomvisor.runtime.boot.RecordingSpec;
import io.loomvisor.runtime.boot.Sandbox;
import io.loomvisor.runtime.boot.StartTimeline;
import io.loomvisor.runtime.host.HostIdentity;
import io.loomvisor.runtime.host.HostSignals;
import io.loomvisor.runtime.host.RawArguments;
import io.loomvisor.runtime.jfr.FlightRecording;
import io.loomvisor.runtime.network.HostPassthrough;
import io.loomvisor.scheduler.vcpu.PoolStrategy;
import io.loomvisor.scheduler.vcpu.VcpuPool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loomvisor do}: one command in a fresh sandbox over the host's files. */
@Command(
    name = "do",
    description =
        "Runs a command of the host in a fresh sandbox: over the host's file system, read-only, with"
            + " a writable overlay in memory, in the caller's directory, with its environment and"
            + " standard streams.",
    mixinStandardHelpOptions = true)
final class DoCommand implements Callable<Integer> {
  private static final long LONGEST_SLICE = 10_000;

  /** Set by the launcher when it has put an interface into this process's network namespace. */
  private static final String INTERFACE_MADE = "loomvisor.network";

  @Option(
      names = "--root-dir",
      paramLabel = "DIR",
      description = "Another root file system than the host's.")
  private Path rootDirectory = Path.of("/");

  @Option(
      names = "--cwd",
      paramLabel = "DIR",
      description = "Working directory inside the sandbox.")
  private String workingDirectory;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME[=VALUE]",
      description = "Sets or passes an environment variable.")
  private List<String> environment = List.of();

  @Option(names = "--uid", description = "User id inside the sandbox.")
  private Integer uid;

  @Option(names = "--gid", description = "Group id inside the sandbox.")
  private Integer gid;

  @Option(
      names = "--platform",
      defaultValue = "kvm",
      description = "How programs are run: kvm. Default: ${DEFAULT-VALUE}.")
  private String platform;

  @Option(names = "--vcpus", description = "Virtual CPUs. Default: the host's.")
  private int vcpus;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory limit, such as 512m or 4g. Default: half the host's.")
  private String memory;

  @Option(
      names = "--vcpu-pool",
      paramLabel = "NAME",
      description = "How tasks come to virtual CPUs (docs/vcpu-pools.md). Default: sticky.")
  private String vcpuPool = PoolStrategy.STICKY.title();

  @Option(
      names = "--time-slice",
      paramLabel = "MS",
      description = "How long a task may run while others wait. Default: ${DEFAULT-VALUE}.")
  private long timeSlice = VcpuPool.SLICE / 1_000_000;

  @Option(
      names = "--network",
      paramLabel = "none|loopback|sandbox|host",
      description = {
        "none: loopback is down; loopback; sandbox: an interface of its own, with address",
        "translation on the host, which needs root; host: the host's own network, which needs root",
        "and keeps nothing from it (docs/networking.md). Default: loopback."
      })
  private String network = "loopback";

  @Option(names = "--debug", description = "Logs what the sandbox does.")
  private boolean debug;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "Writes the log there instead of to standard error.")
  private Path log;

  @Option(names = "--strace", description = "Logs each syscall with its arguments and result.")
  private boolean strace;

  @Option(
      names = "--jfr",
      paramLabel = "FILE",
      description = {
        "Records what the sentry does with JDK Flight Recorder, for 'jfr print FILE' and JDK Mission",
        "Control (docs/debugging.md). Must come first, or after --no-lock."
      })
  private Path recording;

  @Option(
      names = "--jfr-set",
      paramLabel = "EVENT#SETTING=VALUE",
      description =
          "A setting of an event that is recorded, such as io.loomvisor.Syscall#threshold=0ns.")
  private Map<String, String> recordingSettings = Map.of();

  @Option(
      names = "--no-lock",
      description = {
        "UNSAFE, for developers: the sentry keeps its rights on the host, so that jcmd and JFR can",
        "attach. Must come first."
      })
  private boolean noLock;

  @Parameters(arity = "1..*", paramLabel = "CMD", description = "The command and its arguments.")
  private List<String> command;

  /** The command with all other options as they are by default. */
  static DoCommand of(List<String> command, boolean strace, boolean debug) {
    DoCommand c = new DoCommand();
    c.platform = "kvm";
    c.command = command;
    c.strace = strace;
    c.debug = debug;
    return c;
  }

  @Override
  public Integer call() throws Exception {
    if (!platform.equals("kvm")) {
      throw new UsageException("Unknown platform '" + platform + "': there is kvm.");
    }
    if (!Files.isDirectory(rootDirectory)) {
      throw new UsageException("--root-dir: " + rootDirectory + " is not a directory.");
    }
    for (String e : environment) {
      if (e.startsWith("=") || e.isEmpty()) {
        throw new UsageException("--env: '" + e + "' has no name.");
      }
    }
    Sandbox sandbox = Sandbox.begin();
    Logging.configure(debug, log);
    StartTimeline.mark("logging set up");
    HostIdentity identity = HostIdentity.current();
    DoSpec what =
        new DoSpec(
            RawArguments.last(command.size()),
            rootDirectory.toAbsolutePath().normalize(),
            directory(),
            environment(),
            uid == null ? identity.uid() : uid,
            gid == null ? identity.gid() : gid,
            uid == null && gid == null ? identity.groups() : new int[0],
            identity.umask(),
            vcpus,
            memory == null ? 0 : size(memory),
            pool(),
            slice(),
            HostSignals.ignoredByCaller(),
            network(),
            strace,
            !noLock,
            recording());
    StartTimeline.mark("host asked who runs this");
    return Main.leave(sandbox.run(what));
  }

  private RecordingSpec recording() {
    if (recording == null) {
      if (!recordingSettings.isEmpty()) {
        throw new UsageException("--jfr-set: nothing is recorded without --jfr.");
      }
      return null;
    }
    if (System.getProperty(FlightRecording.REPOSITORY) == null) {
      throw new UsageException("--jfr: must come first, and only the launcher loomvisor has it.");
    }
    for (String setting : recordingSettings.keySet()) {
      int hash = setting.indexOf('#');
      if (hash <= 0) {
        throw new UsageException(
            "--jfr-set: '"
                + setting
                + "' is not EVENT#SETTING, as io.loomvisor.Syscall#threshold.");
      }
      if (!noLock && !FlightRecording.safe(setting.substring(0, hash))) {
        throw new UsageException(
            "--jfr-set: " + setting + ": the recorder may need the host for it; add --no-lock.");
      }
    }
    return new RecordingSpec(recording.toAbsolutePath(), recordingSettings);
  }

  private NetworkMode network() {
    NetworkMode mode =
        switch (network) {
          case "none" -> NetworkMode.NONE;
          case "loopback" -> NetworkMode.LOOPBACK;
          case "sandbox" -> NetworkMode.SANDBOX;
          case "host" -> NetworkMode.HOST;
          default ->
              throw new UsageException(
                  "--network: '" + network + "' is none of none, loopback, sandbox and host.");
        };
    if (mode == NetworkMode.SANDBOX && !Boolean.getBoolean(INTERFACE_MADE)) {
      throw new UsageException("--network sandbox: only the launcher loomvisor can make it.");
    }
    if (mode == NetworkMode.HOST && !HostPassthrough.wanted()) {
      throw new UsageException("--network host: only the launcher loomvisor can give it.");
    }
    return mode;
  }

  private PoolStrategy pool() {
    try {
      return PoolStrategy.named(vcpuPool);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--vcpu-pool: " + e.getMessage(), e);
    }
  }

  private long slice() {
    if (timeSlice < 1 || timeSlice > LONGEST_SLICE) {
      throw new UsageException("--time-slice: 1 to " + LONGEST_SLICE + " ms.");
    }
    return timeSlice * 1_000_000;
  }

  private String directory() {
    if (workingDirectory != null) {
      return RawArguments.encode(workingDirectory);
    }
    boolean hostRoot = rootDirectory.toAbsolutePath().normalize().equals(Path.of("/"));
    return hostRoot ? RawArguments.encode(Path.of("").toAbsolutePath().toString()) : "/";
  }

  private List<String> environment() {
    Map<String, String> all = new LinkedHashMap<>();
    for (String e : RawArguments.environment()) {
      put(all, e);
    }
    for (String e : environment) {
      if (e.indexOf('=') > 0) {
        put(all, RawArguments.encode(e));
      }
    }
    LauncherEnvironment.restore(all);
    return List.copyOf(all.values());
  }

  /**
   * {@code variable}: NAME=VALUE; a name alone would pass the caller's on, which is done already.
   */
  private static void put(Map<String, String> all, String variable) {
    int equals = variable.indexOf('=');
    all.put(equals < 0 ? variable : variable.substring(0, equals), variable);
  }

  private long size(String text) {
    try {
      char unit = Character.toLowerCase(text.charAt(text.length() - 1));
      int shift =
          switch (unit) {
            case 'k' -> 10;
            case 'm' -> 20;
            case 'g' -> 30;
            default -> 0;
          };
      long value = Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1));
      return Math.multiplyExact(value, 1L << shift);
    } catch (RuntimeException e) {
      throw new UsageException("--memory: '" + text + "' is not a size such as 512m.", e);
    }
  }
}
