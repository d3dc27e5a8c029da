package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.NameCaching;
import io.loomvisor.vfs.synthetic.SyntheticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticInode;
import java.util.ArrayList;
import java.util.List;

/** /proc/PID or /proc/PID/task/TID. Inodes are made at each lookup; their numbers are stable. */
final class TaskDirectory extends SyntheticDirectory {
  private static final int INDEX = 3003;

  /** The entries that are not {@link TaskFile}s; "task" is in that of a process only. */
  private static final List<String> OTHERS =
      List.of(
          "comm",
          "oom_score_adj",
          "coredump_filter",
          "exe",
          "cwd",
          "root",
          "fd",
          "fdinfo",
          "mem",
          "net",
          "ns",
          "task");

  private final TaskScope scope;

  TaskDirectory(TaskScope scope) {
    super(scope.filesystem(), inode(scope), 0555);
    this.scope = scope;
  }

  static long inode(TaskScope scope) {
    return scope.inode(TaskScope.FILE, INDEX);
  }

  @Override
  public int uid() {
    return scope.owner(true).euid();
  }

  @Override
  public int gid() {
    return scope.owner(true).egid();
  }

  @Override
  public NameCaching nameCaching() {
    return NameCaching.NONE;
  }

  @Override
  public Inode lookup(String name) {
    return scope.alive() ? make(name) : null;
  }

  private SyntheticInode make(String name) {
    TaskFile file = TaskFile.named(name);
    if (file != null) {
      return new TaskTextFile(scope, file);
    }
    return switch (name) {
      case "comm" -> new TaskSettingFile(scope, TaskSettingFile.Setting.COMM);
      case "oom_score_adj" -> new TaskSettingFile(scope, TaskSettingFile.Setting.OOM_SCORE_ADJ);
      case "coredump_filter" -> new TaskSettingFile(scope, TaskSettingFile.Setting.COREDUMP_FILTER);
      case "exe" -> new TaskLink(scope, TaskLink.Place.EXE);
      case "cwd" -> new TaskLink(scope, TaskLink.Place.CWD);
      case "root" -> new TaskLink(scope, TaskLink.Place.ROOT);
      case "fd" -> new FdDirectory(scope, false);
      case "fdinfo" -> new FdDirectory(scope, true);
      case "mem" -> new MemFile(scope);
      case "net" -> scope.filesystem().net();
      case "ns" -> new NamespaceDirectory(scope);
      case "task" -> scope.thread() ? null : new ThreadsDirectory(scope);
      default -> null;
    };
  }

  @Override
  protected void list(long position, DirectorySink sink) {
    if (!scope.alive()) {
      return;
    }
    List<String> names = new ArrayList<>(OTHERS);
    for (TaskFile f : TaskFile.values()) {
      names.add(f.fileName());
    }
    if (scope.thread()) {
      names.remove("task");
    }
    for (int i = 0; i < names.size(); i++) {
      long at = FIRST_POSITION + i;
      if (at >= position) {
        SyntheticInode inode = make(names.get(i));
        if (!sink.entry(names.get(i), inode.ino(), FileMode.direntType(inode.mode()), at + 1)) {
          return;
        }
      }
    }
  }
}
