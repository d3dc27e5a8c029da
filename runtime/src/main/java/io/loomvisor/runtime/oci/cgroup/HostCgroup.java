package io.loomvisor.runtime.oci.cgroup;

import io.loomvisor.runtime.oci.spec.Resources;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The group of one sandbox: a directory below each controller's mount (version 1), or one directory
 * (version 2).
 */
public final class HostCgroup {
  /**
   * What the sentry and the gofer take for themselves, which is not the application's and so comes
   * on top of its limit: two JVMs.
   */
  private static final long OWN_MEMORY = 384L << 20;

  private static final long UNLIMITED = -1;

  /** Between the optional fields of a line of /proc/self/mountinfo and the file system's type. */
  private static final String SEPARATOR = " - ";

  private static final int MOUNT_POINT = 4;
  private static final String V2 = "";
  private static final List<String> CONTROLLERS =
      List.of("memory", "cpu", "cpuacct", "cpuset", "pids", "freezer", "devices", "blkio");

  private final Map<String, Path> directories;

  private HostCgroup(Map<String, Path> directories) {
    this.directories = directories;
  }

  /**
   * The group at {@code path}, whether it exists or not; without directories if this host has no
   * cgroups.
   */
  public static HostCgroup at(String path) throws IOException {
    Map<String, Path> directories = new LinkedHashMap<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      int half = line.indexOf(SEPARATOR);
      String[] rest = line.substring(half + SEPARATOR.length()).split(" ");
      Path mount = Path.of(line.substring(0, half).split(" ")[MOUNT_POINT]);
      if (rest[0].equals("cgroup")) {
        for (String option : rest[2].split(",")) {
          if (CONTROLLERS.contains(option)) {
            directories.putIfAbsent(option, below(mount, path));
          }
        }
      }
    }
    if (directories.isEmpty() && Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))) {
      directories.put(V2, below(Path.of("/sys/fs/cgroup"), path));
    }
    return new HostCgroup(directories);
  }

  /** "..", which would lead elsewhere, counts as nothing. */
  private static Path below(Path mount, String path) {
    Path clean = Path.of("/").resolve(path).normalize();
    return mount.resolve(clean.toString().substring(1));
  }

  /** Of the group; controllers that are mounted together share one. */
  public List<Path> directories() {
    return directories.values().stream().distinct().toList();
  }

  private boolean unified() {
    return directories.containsKey(V2);
  }

  /** Makes the group, if need be, and moves a process into it with all its threads. */
  public void add(int pid) throws IOException {
    for (Map.Entry<String, Path> d : directories.entrySet()) {
      Files.createDirectories(d.getValue());
      if (d.getKey().equals("cpuset")) {
        inheritCpuset(d.getValue());
      }
      write(d.getValue().resolve("cgroup.procs"), Integer.toString(pid));
    }
  }

  /** A new cpuset of version 1 is empty, and takes no process before it is not. */
  private static void inheritCpuset(Path directory) throws IOException {
    Path parent = directory.getParent();
    for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
      if (Files.exists(parent.resolve(file)) && read(directory.resolve(file)).isEmpty()) {
        if (read(parent.resolve(file)).isEmpty()) {
          inheritCpuset(parent);
        }
        write(directory.resolve(file), read(parent.resolve(file)));
      }
    }
  }

  /** Of the host, that are in it now. */
  public Set<Integer> processes() throws IOException {
    Set<Integer> pids = new TreeSet<>();
    for (Path directory : directories()) {
      try {
        for (String line : Files.readAllLines(directory.resolve("cgroup.procs"))) {
          pids.add(Integer.parseInt(line));
        }
      } catch (NoSuchFileException e) {
        continue; // it has been removed, or was never made
      }
    }
    return pids;
  }

  /** Sets what {@code r} has a value for. */
  public void set(Resources r) throws IOException {
    long limit = r.memory() > 0 ? r.memory() + OWN_MEMORY : r.memory();
    long swap = r.swap() > 0 ? r.swap() + OWN_MEMORY : r.swap();
    if (unified()) {
      setUnified(r, limit);
      return;
    }
    setMemory(limit, swap);
    put("memory", "memory.soft_limit_in_bytes", r.reservation());
    put("cpu", "cpu.shares", r.shares());
    put("cpu", "cpu.cfs_period_us", r.period());
    put("cpu", "cpu.cfs_quota_us", r.quota());
    put("cpuset", "cpuset.cpus", r.cpuset());
    put("cpuset", "cpuset.mems", r.mems());
    // Not the number of the sandbox's tasks: those are no processes of the host.
  }

  /** The limit of memory must never be above that of memory and swap: the order depends. */
  private void setMemory(long limit, long swap) throws IOException {
    Path both = file("memory", "memory.memsw.limit_in_bytes");
    if (limit == 0 || both == null || !Files.exists(both) || swap == 0) {
      put("memory", "memory.limit_in_bytes", limit);
      return;
    }
    long now = Long.parseLong(read(both));
    if (swap == UNLIMITED || swap >= now) {
      put("memory", "memory.memsw.limit_in_bytes", swap);
      put("memory", "memory.limit_in_bytes", limit);
    } else {
      put("memory", "memory.limit_in_bytes", limit);
      put("memory", "memory.memsw.limit_in_bytes", swap);
    }
  }

  private void setUnified(Resources r, long limit) throws IOException {
    put(V2, "memory.max", limit == UNLIMITED ? "max" : limit > 0 ? Long.toString(limit) : null);
    put(V2, "memory.low", r.reservation() > 0 ? Long.toString(r.reservation()) : null);
    if (r.shares() > 0) {
      // Version 1's 2 to 262144 onto version 2's 1 to 10000, as runc does it.
      put(V2, "cpu.weight", Long.toString(1 + (r.shares() - 2) * 9999 / 262142));
    }
    if (r.quota() != 0 || r.period() != 0) {
      String quota = r.quota() > 0 ? Long.toString(r.quota()) : "max";
      put(V2, "cpu.max", quota + " " + (r.period() > 0 ? r.period() : 100_000));
    }
    put(V2, "cpuset.cpus", r.cpuset());
    put(V2, "cpuset.mems", r.mems());
  }

  private void put(String controller, String name, long value) throws IOException {
    put(controller, name, value == 0 ? null : Long.toString(value));
  }

  private void put(String controller, String name, String value) throws IOException {
    if (value == null || value.isEmpty()) {
      return;
    }
    Path file = file(controller, name);
    if (file == null) {
      throw new RuntimeFailure("the host has no cgroup controller " + controller + " for " + name);
    }
    write(file, value);
  }

  /** A number of the group's; 0 if the host does not count it. */
  public long number(String controller, String name) throws IOException {
    Path file = file(controller, name);
    if (file == null || !Files.exists(file)) {
      return 0;
    }
    String text = read(file);
    return text.equals("max") ? Long.MAX_VALUE : Long.parseUnsignedLong(text);
  }

  /** One line of a file of "NAME NUMBER" lines; 0 if there is none. */
  public long field(String controller, String name, String field) throws IOException {
    Path file = file(controller, name);
    if (file == null || !Files.exists(file)) {
      return 0;
    }
    for (String line : Files.readAllLines(file)) {
      String[] words = line.split(" ");
      if (words.length == 2 && words[0].equals(field)) {
        return Long.parseUnsignedLong(words[1]);
      }
    }
    return 0;
  }

  private Path file(String controller, String name) {
    Path directory = directories.get(unified() ? V2 : controller);
    return directory == null ? null : directory.resolve(name);
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file).strip();
  }

  private static void write(Path file, String value) throws IOException {
    try {
      Files.writeString(file, value);
    } catch (IOException e) {
      throw new RuntimeFailure("writing \"" + value + "\" to " + file + ": " + e.getMessage());
    }
  }

  /** Removes the group; its processes have ended. Groups that were made inside go with it. */
  public void remove() throws IOException {
    for (Path directory : directories.values()) {
      remove(directory);
    }
  }

  private static void remove(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path child : entries) {
        remove(child);
      }
    } catch (NoSuchFileException e) {
      return;
    }
    Files.deleteIfExists(directory);
  }
}
