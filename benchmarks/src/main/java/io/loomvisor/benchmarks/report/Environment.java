package io.loomvisor.benchmarks.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where a program runs: on the host, in a sandbox, in a peer.
 *
 * @param prefix what is put before the program's path
 * @param variables of its environment
 * @param excluded requests whose work would not run in it
 */
record Environment(
    String name, List<String> prefix, Map<String, String> variables, Set<String> excluded) {
  static final String HOST = "host";
  static final String LOOMVISOR = "loomvisor";
  static final String RUNSC = "runsc, ptrace";
  static final String UML = "user-mode Linux";
  static final String QEMU = "qemu-user";
  static final String PROOT = "proot";
  static final String STRACE = "strace -f";

  /** What the other programs of a test that starts programs are for those that only translate. */
  private static final Set<String> STARTS_PROGRAMS =
      Set.of("fork_exec", "shell", "script", "compile");

  /** The strategies of docs/vcpu-pools.md. */
  static final List<String> STRATEGIES =
      List.of("sticky", "fifo", "stealing", "per-task", "owned", "batched");

  static Environment host() {
    return new Environment(HOST, List.of(), Map.of(), Set.of());
  }

  static Environment sandbox(Programs programs, String name, String... options) {
    List<String> prefix = new ArrayList<>(List.of(programs.launcher(), "do"));
    prefix.addAll(List.of(options));
    prefix.add("--");
    return new Environment(name, prefix, Map.of(), Set.of());
  }

  /** Host and every strategy. */
  static List<Environment> pools(Programs programs) {
    return Stream.concat(
            Stream.of(host()), STRATEGIES.stream().map(s -> sandbox(programs, s, "--vcpu-pool", s)))
        .toList();
  }

  /** Host, sandbox and what Debian has to compare with. */
  static List<Environment> peers(Programs programs) {
    return List.of(
        host(),
        sandbox(programs, LOOMVISOR),
        peer(RUNSC, "runsc", "--network=none", "--platform=ptrace", "--ignore-cgroups", "do"),
        userModeLinux(programs.work()),
        new Environment(
            QEMU,
            List.of("qemu-x86_64"),
            Map.of("WORKS_PREFIX", "qemu-x86_64"),
            // Its execve(2) is the host's, which runs the program without translating it.
            STARTS_PROGRAMS),
        peer(PROOT, "proot"),
        peer(STRACE, "strace", "-f", "-qq", "-e", "trace=none", "-o", "/dev/null"));
  }

  private static Environment peer(String name, String... prefix) {
    return new Environment(name, List.of(prefix), Map.of(), Set.of());
  }

  /** The host's files as its root, standard streams as its console, its memory in /dev/shm. */
  private static Environment userModeLinux(Path work) {
    return new Environment(
        UML,
        List.of(
            "linux.uml",
            "mem=2G",
            "rootfstype=hostfs",
            "rootflags=/",
            "ro",
            "init=" + work.resolve("uml_init"),
            "con=null",
            "con0=fd:0,fd:1",
            "ssl=null",
            "quiet",
            "loglevel=0",
            "--"),
        Map.of("TMPDIR", "/dev/shm"),
        Set.of());
  }

  /** The same with all its processes on these CPUs, as taskset(1) takes them. */
  Environment on(String cpus) {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", cpus));
    pinned.addAll(prefix);
    return new Environment(name, pinned, variables, excluded);
  }

  Environment with(String newName, Map<String, String> more) {
    return new Environment(newName, prefix, more, excluded);
  }

  ProcessBuilder starting(String... program) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(program));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(variables);
    return builder;
  }
}
