package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticSymlink;
import io.loomvisor.vfs.synthetic.TextBuffer;
import java.util.List;

/** The files of /proc itself: one method each makes the text. */
final class SystemFiles {
  private static final long SECOND = 1_000_000_000L;
  private static final long TEN_MILLIS = 10_000_000L;

  /** What mount(2) can mount here. */
  private static final String FILESYSTEMS =
      "nodev\tsysfs\n"
          + "nodev\ttmpfs\n"
          + "nodev\tproc\n"
          + "nodev\tcgroup2\n"
          + "nodev\tdevtmpfs\n"
          + "nodev\tsockfs\n"
          + "nodev\tpipefs\n"
          + "nodev\tmqueue\n"
          + "nodev\tdevpts\n"
          + "nodev\toverlay\n"
          + "nodev\t9p\n";

  private static final String DEVICES =
      "Character devices:\n"
          + "  1 mem\n"
          + "  5 /dev/tty\n"
          + "  5 /dev/console\n"
          + "  5 /dev/ptmx\n"
          + " 10 misc\n"
          + "136 pts\n\n"
          + "Block devices:\n";

  private SystemFiles() {}

  static StaticDirectory directory(ProcFilesystem filesystem, ProcContext context) {
    SystemView system = context.system();
    StaticDirectory d = new StaticDirectory(filesystem);
    d.add("self", new SyntheticSymlink(filesystem, c -> Integer.toString(c.threadGroupId())));
    d.add(
        "thread-self",
        new SyntheticSymlink(filesystem, c -> c.threadGroupId() + "/task/" + c.threadId()));
    d.link("mounts", "self/mounts").link("net", "self/net");
    d.text("cmdline", () -> system.commandLine() + "\n");
    d.text("cpuinfo", () -> CpuInfoText.cpuinfo(system));
    d.text("devices", () -> DEVICES);
    d.text("diskstats", () -> "");
    d.text("filesystems", () -> FILESYSTEMS);
    d.text("interrupts", () -> CpuInfoText.interrupts(system));
    d.text("loadavg", () -> loadavg(system.load()));
    d.text("locks", () -> locks(system.fileLocks()));
    d.text("meminfo", () -> MemInfoText.meminfo(system.memory()));
    d.text("misc", () -> "");
    d.text("modules", () -> "");
    d.text("partitions", () -> "major minor  #blocks  name\n\n");
    d.text("stat", () -> stat(system));
    d.text("swaps", () -> "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    d.text("uptime", () -> uptime(system));
    d.text(
        "version",
        () ->
            "Linux version "
                + system.release()
                + " (loomvisor@loomvisor) (javac) "
                + system.version()
                + "\n");
    d.text("vmstat", () -> MemInfoText.vmstat(system.memory()));
    if (!system.ipcTables().isEmpty()) {
      StaticDirectory ipc = d.directory("sysvipc");
      system.ipcTables().forEach(ipc::text);
    }
    FixedFiles.addTo(d, system);
    StaticDirectory pressure = d.directory("pressure");
    for (String resource : new String[] {"cpu", "io", "memory"}) {
      pressure.text(resource, () -> pressure());
    }
    return d;
  }

  /** lock_get_status() of fs/locks.c. */
  private static String locks(List<SystemView.FileLock> locks) {
    TextBuffer out = new TextBuffer();
    int number = 0;
    for (SystemView.FileLock l : locks) {
      out.add(++number).add(": ").left(l.kind(), 6).add(" ADVISORY  ");
      out.left(l.exclusive() ? "WRITE" : "READ", 5).add(' ').add(l.pid()).add(' ');
      out.hex(DeviceNumber.major(l.device()), 2).add(':');
      out.hex(DeviceNumber.minor(l.device()), 2).add(':').unsigned(l.inode());
      out.add(' ').add(l.start()).add(' ');
      out.add(l.end() == Long.MAX_VALUE ? "EOF" : Long.toString(l.end())).newline();
    }
    return out.toString();
  }

  private static String pressure() {
    String zero = " avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
    return "some" + zero + "full" + zero;
  }

  private static String loadavg(SystemView.LoadAverage load) {
    TextBuffer out = new TextBuffer();
    hundredths(out, Math.round(load.one() * 100)).add(' ');
    hundredths(out, Math.round(load.five() * 100)).add(' ');
    hundredths(out, Math.round(load.fifteen() * 100)).add(' ');
    out.add(load.running()).add('/').add(load.threads()).add(' ').add(load.lastPid());
    return out.newline().toString();
  }

  /** Seconds since boot, and seconds that all CPUs together were idle. */
  private static String uptime(SystemView system) {
    long idle = 0;
    for (SystemView.CpuTime t : system.cpuTimes()) {
      idle += t.idleNanos();
    }
    TextBuffer out = new TextBuffer();
    hundredths(out, system.uptimeNanos() / TEN_MILLIS).add(' ');
    hundredths(out, idle / TEN_MILLIS).newline();
    return out.toString();
  }

  private static TextBuffer hundredths(TextBuffer out, long value) {
    return out.add(value / 100).add('.').zeroPadded(value % 100, 2);
  }

  private static String stat(SystemView system) {
    TextBuffer out = new TextBuffer();
    long user = 0;
    long kernel = 0;
    long idle = 0;
    for (SystemView.CpuTime t : system.cpuTimes()) {
      user += t.userNanos();
      kernel += t.systemNanos();
      idle += t.idleNanos();
    }
    cpu(out, "cpu ", new SystemView.CpuTime(user, kernel, idle));
    int n = 0;
    for (SystemView.CpuTime t : system.cpuTimes()) {
      cpu(out, "cpu" + n++, t);
    }
    out.add("intr 0\nctxt ").add(system.contextSwitches());
    out.add("\nbtime ").add(system.bootSeconds());
    out.add("\nprocesses ").add(system.forks());
    out.add("\nprocs_running ").add(Math.max(1, system.load().running()));
    out.add("\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n");
    return out.toString();
  }

  /** user nice system idle iowait irq softirq steal guest guest_nice. */
  private static void cpu(TextBuffer out, String name, SystemView.CpuTime t) {
    out.add(name).add(' ').add(ProcContext.ticks(t.userNanos())).add(" 0 ");
    out.add(ProcContext.ticks(t.systemNanos())).add(' ').add(ProcContext.ticks(t.idleNanos()));
    out.add(" 0 0 0 0 0 0\n");
  }
}
