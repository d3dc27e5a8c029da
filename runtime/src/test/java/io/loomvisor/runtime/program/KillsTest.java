package io.loomvisor.runtime.program;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A random process of a container, or of the verb that works on it, is killed at a random moment;
 * {@code delete --force} then leaves nothing on the host. The number of rounds is the property
 * kills.rounds, the seed is kills.seed.
 */
class KillsTest {
  private static final int ROUNDS = Integer.getInteger("kills.rounds", 25);
  private static final long SEED = Long.getLong("kills.seed", System.nanoTime());
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** What is in flight at the time of the kill. */
  private enum Flight {
    CREATE,
    START,
    RUN,
    RUN_DETACHED,
    EXEC,
    EXEC_DETACHED,
    DELETE,
    /** The container is to be in the sandbox of another. */
    JOIN,
    JOINED_START,
    JOINED_EXEC,
    JOINED_DELETE;

    boolean joined() {
      return name().startsWith("JOIN");
    }
  }

  /** Those that make the container. */
  private static final Set<Flight> MAKES =
      EnumSet.of(Flight.CREATE, Flight.RUN, Flight.RUN_DETACHED, Flight.JOIN);

  private static final String OWNER = "owner-of-";

  private final Random random = new Random(SEED);
  private final Map<Flight, Long> nanos = new EnumMap<>(Flight.class);
  private final List<String> killed = new ArrayList<>();
  @TempDir private Path directory;
  private Bundle bundle;

  @Test
  void nothingStaysOfAContainerWhoseProcessesAreKilled() throws Exception {
    bundle = Bundle.of(directory, "echo up; sleep 1000");
    Path process =
        Files.writeString(directory.resolve("process.json"), bundle.process().toString());
    for (Flight flight : Flight.values()) {
      nanos.put(flight, TimeUnit.SECONDS.toNanos(1));
    }
    for (int n = 0; n < ROUNDS; n++) {
      Flight flight = Flight.values()[random.nextInt(Flight.values().length)];
      round("kills-" + ProcessHandle.current().pid() + "-" + n, flight, process);
    }
    killed.stream()
        .collect(Collectors.groupingBy(k -> k, Collectors.counting()))
        .forEach((what, count) -> System.out.println("KillsTest: " + count + " " + what));
  }

  private void round(String id, Flight flight, Path process) throws Exception {
    prepare(id, flight);
    long begin = System.nanoTime();
    Process verb = bundle.start(bundle.line(words(id, flight, process)));
    long after = (long) (nanos.get(flight) * 1.2 * random.nextDouble());
    if (verb.waitFor(after, TimeUnit.NANOSECONDS)) {
      // The verb has done its work already: next time, earlier.
      nanos.put(flight, System.nanoTime() - begin);
    }
    String victim = kill();
    String what = flight + ", " + victim;
    killed.add(what);
    if (MAKES.contains(flight)) {
      // The victim may be what the verb has just forked, and the verb goes on: what it began to
      // make
      // after the deletion would rightly stay.
      Path made = bundle.root.resolve(id).resolve("state.json");
      await().alias(told(what)).atMost(LIMIT).until(() -> !verb.isAlive() || Files.exists(made));
    }
    if (flight.joined() && flight != Flight.JOINED_EXEC) {
      // The victim may be the other container's: a verb that goes on would make what is deleted
      // now.
      assertTrue(verb.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS), () -> told(what) + "hangs");
    }
    delete(id, what);
    if (flight.joined()) {
      assertEquals(List.of(), left(id).stream().filter(l -> l.endsWith("/" + id)).toList());
      delete(OWNER + id, what);
      bundle.change(c -> bundle.leave());
    }
    await()
        .alias(told(what))
        .atMost(LIMIT)
        .untilAsserted(() -> assertEquals(List.of(), processes()));
    assertEquals(List.of(), left(id), () -> told(what));
  }

  private void delete(String id, String what) throws Exception {
    Product.Outcome deletion = bundle.verb("delete", "--force", id);
    assertEquals(0, deletion.status(), () -> told(what) + deletion.errors());
  }

  private static String told(String what) {
    return "seed " + SEED + ": " + what + ": ";
  }

  private void prepare(String id, Flight flight) throws Exception {
    if (flight.joined()) {
      bundle.create(OWNER + id);
      bundle.succeed("start", OWNER + id);
      int sentry = bundle.state(OWNER + id).get("pid").getAsInt();
      bundle.change(c -> bundle.join(sentry, "network"));
    }
    if (!MAKES.contains(flight)) {
      bundle.create(id);
      if (flight != Flight.START && flight != Flight.JOINED_START) {
        bundle.succeed("start", id);
      }
    }
  }

  private static String[] words(String id, Flight flight, Path process) {
    return switch (flight) {
      case CREATE, JOIN -> new String[] {"create", id};
      case START, JOINED_START -> new String[] {"start", id};
      case RUN -> new String[] {"run", id};
      case RUN_DETACHED -> new String[] {"run", "--detach", id};
      case EXEC, JOINED_EXEC -> new String[] {"exec", id, "sleep", "1000"};
      case EXEC_DETACHED -> new String[] {"exec", "--process", process.toString(), "--detach", id};
      case DELETE, JOINED_DELETE -> new String[] {"delete", "--force", id};
    };
  }

  /** Kills one of the processes there are: which. */
  private String kill() {
    List<ProcessHandle> all = new ArrayList<>(processes());
    if (all.isEmpty()) {
      return "none";
    }
    ProcessHandle victim = all.get(random.nextInt(all.size()));
    String line = commandLine(victim);
    victim.destroyForcibly();
    return Stream.of(
            "boot", "gofer", "exec-wait", "join-wait", "create", "start", "run", "exec", "delete")
        .filter(word -> (" " + line + " ").contains(" " + word + " "))
        .findFirst()
        .orElse("ended");
  }

  /** Those of the verb, sentry and gofer: the only container of this bundle at the moment. */
  private List<ProcessHandle> processes() {
    Predicate<ProcessHandle> ours = p -> commandLine(p).contains(directory.toString());
    return ProcessHandle.allProcesses().filter(ours).toList();
  }

  private static String commandLine(ProcessHandle process) {
    try {
      Path file = Path.of("/proc/" + process.pid() + "/cmdline");
      return Files.readString(file, StandardCharsets.ISO_8859_1).replace('\0', ' ');
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  /** Of state, control groups, mounts and network devices. */
  private List<String> left(String id) throws IOException {
    List<String> left = new ArrayList<>();
    if (Files.isDirectory(bundle.root)) {
      try (Stream<Path> state = Files.list(bundle.root)) {
        state.forEach(p -> left.add(p.toString()));
      }
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      if (line.contains(directory.toString())) {
        left.add(line);
      }
      String[] words = line.split(" ");
      if (line.contains(" - cgroup") && Files.exists(Path.of(words[4], id))) {
        left.add(words[4] + "/" + id);
      }
    }
    return left;
  }
}
