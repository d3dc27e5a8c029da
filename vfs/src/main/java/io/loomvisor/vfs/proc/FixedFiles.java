package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;
import io.loomvisor.vfs.synthetic.TextBuffer;
import io.loomvisor.vfs.synthetic.TextFile;

/**
 * Files of /proc about parts of a Linux that the sandbox does not have, or has always alike:
 * programs read them at their start and give up without.
 */
final class FixedFiles {
  /** Controllers, all of the one v2 hierarchy. */
  private static final String[] CONTROLLERS = {
    "cpuset",
    "cpu",
    "cpuacct",
    "blkio",
    "memory",
    "devices",
    "freezer",
    "net_cls",
    "perf_event",
    "net_prio",
    "hugetlb",
    "pids"
  };

  private static final String[] SOFTIRQS = {
    "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"
  };

  private static final String TTY_DRIVERS =
      "/dev/tty             /dev/tty        5       0 system:/dev/tty\n"
          + "/dev/console         /dev/console    5       1 system:console\n"
          + "/dev/ptmx            /dev/ptmx       5       2 system\n"
          + "pty_slave            /dev/pts      136 0-1048575 pty:slave\n"
          + "pty_master           /dev/ptm      128 0-1048575 pty:master\n";

  private static final String SLABINFO =
      "slabinfo - version: 2.1\n"
          + "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
          + " : tunables <limit> <batchcount> <sharedfactor>"
          + " : slabdata <active_slabs> <num_slabs> <sharedavail>\n";

  private FixedFiles() {}

  static void addTo(StaticDirectory d, SystemView system) {
    SyntheticFilesystem filesystem = (SyntheticFilesystem) d.filesystem();
    d.text("cgroups", FixedFiles::cgroups);
    d.text("execdomains", () -> "0-0\tLinux           \t[kernel]\n");
    d.text("key-users", () -> "");
    d.text("keys", () -> "");
    d.text("softirqs", () -> softirqs(system.cpus()));
    d.add("slabinfo", new TextFile(filesystem, 0400, () -> SLABINFO));
    d.directory("tty").text("drivers", () -> TTY_DRIVERS).text("ldiscs", () -> "n_tty       0\n");
  }

  private static String cgroups() {
    TextBuffer out = new TextBuffer().add("#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
    for (String c : CONTROLLERS) {
      out.add(c).add("\t0\t1\t1\n");
    }
    return out.toString();
  }

  private static String softirqs(int cpus) {
    TextBuffer out = new TextBuffer().add("                    ");
    for (int i = 0; i < cpus; i++) {
      out.left("CPU" + i, 11);
    }
    out.newline();
    for (String name : SOFTIRQS) {
      out.right(name, 12).add(':');
      for (int i = 0; i < cpus; i++) {
        out.add(' ').right(0, 10);
      }
      out.newline();
    }
    return out.toString();
  }
}
