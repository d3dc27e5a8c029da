package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.Opener;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The read-only files of /proc/PID and /proc/PID/task/TID whose text follows from a {@link
 * TaskScope}.
 */
enum TaskFile {
  AUXV("auxv", 0400, true, (s, r) -> s.view().auxiliaryVector()),
  CGROUP("cgroup", 0444, false, text(s -> "0::/\n")),
  CMDLINE("cmdline", 0444, false, (s, r) -> ProcessMemory.arguments(s.view())),
  CPUSET("cpuset", 0444, false, text(s -> "/\n")),
  ENVIRON("environ", 0400, true, (s, r) -> ProcessMemory.environment(s.view())),
  GID_MAP("gid_map", 0444, false, text(s -> SmallTaskFiles.IDENTITY_MAP)),
  IO("io", 0400, true, text(s -> SmallTaskFiles.io(s.view(), s.thread()))),
  LIMITS("limits", 0444, false, text(s -> LimitsText.limits(s.view()))),
  LOGINUID("loginuid", 0444, false, text(s -> "4294967295")),
  MAPS("maps", 0444, true, text(MapsText::maps)),
  MOUNTINFO("mountinfo", 0444, false, text(MountsText::mountinfo)),
  MOUNTS("mounts", 0444, false, text(MountsText::mounts)),
  MOUNTSTATS("mountstats", 0400, false, text(MountsText::mountstats)),
  OOM_SCORE("oom_score", 0444, false, text(s -> SmallTaskFiles.oomScore(s) + "\n")),
  PERSONALITY("personality", 0400, true, text(s -> SmallTaskFiles.personality(s.view()))),
  PROJID_MAP("projid_map", 0444, false, text(s -> SmallTaskFiles.IDENTITY_MAP)),
  SCHED("sched", 0444, false, text(SmallTaskFiles::sched)),
  SCHEDSTAT("schedstat", 0444, false, text(SmallTaskFiles::schedstat)),
  SESSIONID("sessionid", 0444, false, text(s -> "4294967295")),
  SETGROUPS("setgroups", 0444, false, text(s -> "allow\n")),
  SMAPS("smaps", 0444, true, text(MapsText::smaps)),
  SMAPS_ROLLUP("smaps_rollup", 0444, true, text(MapsText::rollup)),
  STAT(
      "stat",
      0444,
      false,
      (s, r) -> TaskStatText.stat(s, r.credentials()).getBytes(StandardCharsets.ISO_8859_1)),
  STATM("statm", 0444, false, text(s -> TaskStatText.statm(s.view()))),
  STATUS("status", 0444, false, text(TaskStatusText::status)),
  STACK("stack", 0400, true, text(s -> "")),
  SYSCALL("syscall", 0400, true, text(s -> s.view().systemCall() + "\n")),
  TIMENS_OFFSETS(
      "timens_offsets",
      0444,
      false,
      text(s -> "monotonic           0         0\nboottime            0         0\n")),
  TIMERSLACK("timerslack_ns", 0444, false, text(s -> "50000\n")),
  UID_MAP("uid_map", 0444, false, text(s -> SmallTaskFiles.IDENTITY_MAP)),
  WCHAN("wchan", 0444, false, text(s -> "0"));

  /** Makes the contents. */
  @FunctionalInterface
  interface Contents {
    byte[] of(TaskScope scope, Opener reader);
  }

  @FunctionalInterface
  private interface Text {
    String of(TaskScope scope);
  }

  private static final Map<String, TaskFile> BY_NAME = new HashMap<>();

  static {
    for (TaskFile f : values()) {
      BY_NAME.put(f.fileName, f);
    }
  }

  private final String fileName;
  private final int permissions;
  private final boolean inspects;
  private final Contents contents;

  TaskFile(String fileName, int permissions, boolean inspects, Contents contents) {
    this.fileName = fileName;
    this.permissions = permissions;
    this.inspects = inspects;
    this.contents = contents;
  }

  /** Null if there is none. */
  static TaskFile named(String name) {
    return BY_NAME.get(name);
  }

  String fileName() {
    return fileName;
  }

  int permissions() {
    return permissions;
  }

  /** Opening needs {@link TaskScope#checkInspect}. */
  boolean inspects() {
    return inspects;
  }

  byte[] contents(TaskScope scope, Opener reader) {
    return contents.of(scope, reader);
  }

  private static Contents text(Text text) {
    return (scope, reader) -> text.of(scope).getBytes(StandardCharsets.ISO_8859_1);
  }
}
