package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.synthetic.TextBuffer;
import java.util.BitSet;

/** /proc/PID/status, see proc_pid_status(5). */
final class TaskStatusText {
  private TaskStatusText() {}

  static String status(TaskScope scope) {
    TaskStatus t = scope.view().status();
    TextBuffer out = new TextBuffer();
    identity(out, t);
    credentials(out, t);
    namespacePids(out, t.identity());
    MemoryStatus memory = scope.view().memory();
    if (memory != null) {
      memory(out, memory);
    }
    signals(out, t);
    capabilities(out, t.credentials());
    confinement(out, t.confinement());
    cpus(out, t.scheduling().affinity(), scope.context().system().cpus());
    TaskStatus.Use use = t.thread();
    number(out, "voluntary_ctxt_switches", use.voluntarySwitches());
    number(out, "nonvoluntary_ctxt_switches", use.involuntarySwitches());
    return out.toString();
  }

  static String stateName(char state) {
    return switch (state) {
      case 'R' -> "R (running)";
      case 'S' -> "S (sleeping)";
      case 'D' -> "D (disk sleep)";
      case 'T' -> "T (stopped)";
      case 't' -> "t (tracing stop)";
      case 'Z' -> "Z (zombie)";
      case 'X' -> "X (dead)";
      default -> state + " (idle)";
    };
  }

  private static void identity(TextBuffer out, TaskStatus t) {
    TaskStatus.Identity id = t.identity();
    out.add("Name:\t").add(escaped(t.name()));
    out.add("\nUmask:\t").octal(t.umask(), 4);
    out.add("\nState:\t").add(stateName(t.state())).newline();
    number(out, "Tgid", id.tgid());
    number(out, "Ngid", 0);
    number(out, "Pid", id.tid());
    number(out, "PPid", id.parent());
    number(out, "TracerPid", id.tracer());
  }

  private static String escaped(String name) {
    return name.replace("\\", "\\\\").replace("\n", "\\n");
  }

  private static void credentials(TextBuffer out, TaskStatus t) {
    Credentials c = t.credentials();
    ids(out, "Uid", c.uid(), c.euid(), c.suid(), c.fsuid());
    ids(out, "Gid", c.gid(), c.egid(), c.sgid(), c.fsgid());
    number(out, "FDSize", t.descriptorSlots());
    out.add("Groups:\t");
    for (int group : c.groups()) {
      out.unsigned(Integer.toUnsignedLong(group)).add(' ');
    }
    out.add(c.groups().length == 0 ? " \n" : "\n");
  }

  private static void ids(TextBuffer out, String name, int... ids) {
    out.add(name).add(':');
    for (int id : ids) {
      out.add('\t').unsigned(Integer.toUnsignedLong(id));
    }
    out.newline();
  }

  private static void namespacePids(TextBuffer out, TaskStatus.Identity id) {
    number(out, "NStgid", id.tgid());
    number(out, "NSpid", id.tid());
    number(out, "NSpgid", id.processGroup());
    number(out, "NSsid", id.session());
    number(out, "Kthread", 0);
  }

  private static void memory(TextBuffer out, MemoryStatus m) {
    size(out, "VmPeak", Math.max(m.peakVirtual(), m.virtual()));
    size(out, "VmSize", m.virtual());
    size(out, "VmLck", m.locked());
    size(out, "VmPin", 0);
    size(out, "VmHWM", Math.max(m.peakResident(), m.resident()));
    size(out, "VmRSS", m.resident());
    size(out, "RssAnon", m.residentAnonymous());
    size(out, "RssFile", m.residentFile());
    size(out, "RssShmem", m.residentShared());
    size(out, "VmData", m.data());
    size(out, "VmStk", m.stack());
    size(out, "VmExe", m.text());
    size(out, "VmLib", m.library());
    size(out, "VmPTE", m.pageTables());
    size(out, "VmSwap", 0);
    size(out, "HugetlbPages", 0);
    number(out, "CoreDumping", 0);
    number(out, "THP_enabled", 1);
    out.add("untag_mask:\t0xffffffffffffffff\n");
  }

  private static void signals(TextBuffer out, TaskStatus t) {
    TaskStatus.Signals s = t.signals();
    number(out, "Threads", t.threads());
    out.add("SigQ:\t").add(s.queued()).add('/').unsigned(s.queueLimit()).newline();
    mask(out, "SigPnd", s.threadPending());
    mask(out, "ShdPnd", s.groupPending());
    mask(out, "SigBlk", s.blocked());
    mask(out, "SigIgn", s.ignored());
    mask(out, "SigCgt", s.caught());
  }

  private static void capabilities(TextBuffer out, Credentials c) {
    mask(out, "CapInh", c.inheritable());
    mask(out, "CapPrm", c.permitted());
    mask(out, "CapEff", c.effective());
    mask(out, "CapBnd", c.bounding());
    mask(out, "CapAmb", c.ambient());
  }

  private static void confinement(TextBuffer out, TaskStatus.Confinement c) {
    number(out, "NoNewPrivs", c.noNewPrivileges() ? 1 : 0);
    number(out, "Seccomp", c.seccompMode());
    number(out, "Seccomp_filters", c.seccompFilters());
    out.add("Speculation_Store_Bypass:\tunknown\nSpeculationIndirectBranch:\tunknown\n");
  }

  private static void cpus(TextBuffer out, BitSet affinity, int count) {
    out.add("Cpus_allowed:\t").add(CpuList.mask(affinity, count));
    out.add("\nCpus_allowed_list:\t").add(CpuList.of(affinity)).newline();
    out.add("Mems_allowed:\t00000000,00000001\nMems_allowed_list:\t0\n");
  }

  private static void number(TextBuffer out, String name, long value) {
    out.add(name).add(":\t").add(value).newline();
  }

  private static void size(TextBuffer out, String name, long bytes) {
    out.add(name).add(":\t").right(bytes >>> 10, 8).add(" kB\n");
  }

  private static void mask(TextBuffer out, String name, long bits) {
    out.add(name).add(":\t").hex(bits, 16).newline();
  }
}
