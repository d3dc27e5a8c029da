package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Measures the sandbox as a user has it, from outside, and puts the table into docs/performance.md.
 *
 * <p>Arguments: the folder of the repository; {@code --print} to leave the document alone.
 */
public final class Report {
  private static final String BEGIN = "<!-- measured: benchmarks/run writes from here -->";
  private static final String END = "<!-- measured: to here -->";

  /** Round trips in one turn, and how many turns each side takes. */
  private static final int BATCH = 4000;

  private static final int TURNS = 25;
  private static final int WARM_UP = 12;
  private static final int STARTS = 15;

  private final Path home;
  private final Path work;
  private final List<String> rows = new ArrayList<>();

  private Report(Path home) {
    this.home = home;
    this.work = home.resolve("benchmarks/target/programs");
  }

  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    Report report = new Report(Path.of(args[0]).toAbsolutePath());
    report.measure();
    String table = report.table();
    System.out.println(table);
    if (args.length < 2 || !args[1].equals("--print")) {
      report.write(table);
    }
  }

  private void measure() throws Exception {
    Files.createDirectories(work);
    compile("bare_kvm");
    compile("getppid", "-static");
    compile("clock");
    // Building is not measured.
    start(Map.of(), "/bin/true");
    roundTrip();
    clock();
    startUp();
    memory();
  }

  private void compile(String name, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("gcc", "-O2", "-o", work.resolve(name).toString()));
    command.addAll(List.of(options));
    command.add(home.resolve("benchmarks/src/main/c/" + name + ".c").toString());
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException("gcc failed on " + name);
    }
  }

  private List<String> sandboxed(String... command) {
    List<String> all = new ArrayList<>(List.of(home.resolve("loomvisor").toString(), "do", "--"));
    all.addAll(List.of(command));
    return all;
  }

  private void roundTrip() throws IOException {
    try (TurnTaker bare = new TurnTaker(List.of(work.resolve("bare_kvm").toString()));
        TurnTaker sandbox = new TurnTaker(sandboxed(work.resolve("getppid").toString()))) {
      String entry = bare.line();
      for (int i = 0; i < WARM_UP; i++) {
        sandbox.batch(BATCH);
      }
      bare.batch(BATCH);
      List<Double> floor = new ArrayList<>();
      List<Double> ours = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < TURNS; i++) {
        double before = bare.batch(BATCH / 2);
        double mine = sandbox.batch(BATCH);
        double after = bare.batch(BATCH / 2);
        floor.add((before + after) / 2);
        ours.add(mine);
        ratios.add(2 * mine / (before + after));
      }
      Statistics f = Statistics.of(floor);
      Statistics o = Statistics.of(ours);
      row(
          "bare KVM loop in C, " + entry,
          micros(f.median()),
          micros(f.least()) + " to " + micros(f.most()));
      row(
          "getppid(2) in the sandbox",
          micros(o.median()),
          micros(o.least()) + " to " + micros(o.most()));
      Statistics r = Statistics.of(ratios);
      row(
          "their ratio, turn by turn",
          "%.2f".formatted(r.median()),
          "%.2f to %.2f".formatted(r.least(), r.most()));
    }
  }

  private void clock() throws IOException {
    try (TurnTaker sandbox = new TurnTaker(sandboxed(work.resolve("clock").toString()))) {
      sandbox.batch(100_000);
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < TURNS; i++) {
        values.add(sandbox.batch(100_000));
      }
      Statistics s = Statistics.of(values);
      String range = "%.0f to %.0f ns".formatted(s.least(), s.most());
      row("clock_gettime(2) in the sandbox", "%.0f ns".formatted(s.median()), range);
    }
  }

  private void startUp() throws Exception {
    startUp("start-up: loomvisor do -- /bin/true", Map.of());
    startUp("the same without the AOT cache", Map.of("LOOMVISOR_AOT", "off"));
  }

  private void startUp(String name, Map<String, String> environment) throws Exception {
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      values.add(start(environment, "/bin/true"));
    }
    Statistics s = Statistics.of(values);
    row(name, "%.0f ms".formatted(s.median()), "%.0f to %.0f ms".formatted(s.least(), s.most()));
  }

  /** Milliseconds of one whole run. */
  private double start(Map<String, String> environment, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(sandboxed(command)).inheritIO();
    builder.environment().putAll(environment);
    long begin = System.nanoTime();
    int status = builder.start().waitFor();
    double took = (System.nanoTime() - begin) / 1e6;
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + status);
    }
    return took;
  }

  /** While a program sleeps in the sandbox. */
  private void memory() throws Exception {
    Process sleeping =
        new ProcessBuilder(sandboxed("/bin/sh", "-c", "echo up; exec sleep 60")).start();
    try {
      sleeping.inputReader().readLine();
      TimeUnit.SECONDS.sleep(1); // let the JVMs finish what they do after start-up
      long resident = 0;
      long proportional = 0;
      List<ProcessHandle> machines = ProcessMemory.machines(sleeping);
      for (ProcessHandle p : machines) {
        ProcessMemory m = ProcessMemory.of(p);
        resident += m.resident();
        proportional += m.proportional();
      }
      String name =
          "memory of sentry and gofer, sum of Rss (%d processes)".formatted(machines.size());
      row(name, megabytes(resident), "Pss " + megabytes(proportional));
    } finally {
      sleeping.descendants().forEach(ProcessHandle::destroy);
      sleeping.destroy();
      sleeping.waitFor();
    }
  }

  private static String megabytes(long kibibytes) {
    return "%.0f MB".formatted(kibibytes / 1024.0);
  }

  private static String micros(double nanos) {
    return "%.1f µs".formatted(nanos / 1000);
  }

  private void row(String what, String median, String range) {
    rows.add("| %s | %s | %s |".formatted(what, median, range));
    System.err.println(what + ": " + median + " (" + range + ")");
  }

  private String table() throws IOException {
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(l -> l.startsWith("model name"))
            .findFirst()
            .map(l -> l.substring(l.indexOf(':') + 2))
            .orElse("unknown CPU");
    String machine =
        "%s, %s, %d CPUs, Linux %s, JDK %s, load average %s (the benchmark itself makes 1 to 2)"
            .formatted(
                LocalDate.now(),
                cpu,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"),
                Runtime.version(),
                Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    return machine
        + "\n\n| What | Median | Range |\n| --- | --- | --- |\n"
        + String.join("\n", rows)
        + "\n";
  }

  private void write(String table) throws IOException {
    Path document = home.resolve("docs/performance.md");
    String text = Files.readString(document);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(document + " has lost the marks of the table");
    }
    String fresh = text.substring(0, begin + BEGIN.length()) + "\n" + table + text.substring(end);
    Files.writeString(document, fresh);
  }
}
