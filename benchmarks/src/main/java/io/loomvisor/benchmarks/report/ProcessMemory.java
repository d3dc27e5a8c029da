package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a process takes of the host's memory, from /proc/PID/smaps_rollup (proc_pid_smaps(5)), in
 * KiB.
 *
 * @param resident pages in memory, shared ones included
 * @param proportional the same with each shared page divided by the number of processes that share
 *     it; the next three are parts of it
 */
record ProcessMemory(long resident, long proportional, long anonymous, long files, long shared) {
  private static ProcessMemory of(ProcessHandle process) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps_rollup"));
    return new ProcessMemory(
        field(lines, "Rss:"),
        field(lines, "Pss:"),
        field(lines, "Pss_Anon:"),
        field(lines, "Pss_File:"),
        field(lines, "Pss_Shmem:"));
  }

  private static long field(List<String> lines, String name) {
    return lines.stream()
        .filter(l -> l.startsWith(name))
        .mapToLong(l -> Long.parseLong(l.substring(name.length()).replace("kB", "").trim()))
        .findFirst()
        .orElse(0);
  }

  private ProcessMemory plus(ProcessMemory other) {
    return new ProcessMemory(
        resident + other.resident,
        proportional + other.proportional,
        anonymous + other.anonymous,
        files + other.files,
        shared + other.shared);
  }

  private static Stream<ProcessHandle> tree(Process launched) {
    return Stream.concat(Stream.of(launched.toHandle()), launched.descendants());
  }

  /** A process and all its descendants. */
  static ProcessMemory ofAll(Process launched) throws IOException {
    ProcessMemory sum = new ProcessMemory(0, 0, 0, 0, 0);
    for (ProcessHandle p : tree(launched).toList()) {
      sum = sum.plus(of(p));
    }
    return sum;
  }

  /** The JVMs among them by their roles: the sentry starts the gofer. */
  static Map<String, ProcessMemory> ofMachines(Process launched) throws IOException {
    Map<String, ProcessMemory> roles = new LinkedHashMap<>();
    List<ProcessHandle> machines =
        tree(launched)
            .filter(p -> p.info().command().filter(c -> c.endsWith("/java")).isPresent())
            .toList();
    for (ProcessHandle p : machines) {
      roles.put(roles.isEmpty() ? "sentry" : "gofer", of(p));
    }
    return roles;
  }
}
