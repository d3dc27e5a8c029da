package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.synthetic.TextBuffer;
import java.util.List;

/**
 * /proc/PID/mounts (fstab(5)), mountinfo and mountstats: the mounts below the task's root
 * directory.
 */
public final class MountsText {
  private MountsText() {}

  /** One mount and the place where the task sees it. */
  private record Seen(Mount mount, String place) {}

  static String mounts(TaskScope scope) {
    TextBuffer out = new TextBuffer();
    for (Seen s : seen(scope)) {
      out.add(escaped(s.mount.source()))
          .add(' ')
          .add(escaped(s.place))
          .add(' ')
          .add(s.mount.filesystem().type());
      out.add(' ').add(options(s.mount)).add(" 0 0\n");
    }
    return out.toString();
  }

  static String mountinfo(TaskScope scope) {
    return mountinfo(seen(scope));
  }

  /** The whole of {@code namespace}, as a process sees it whose root directory is the tree's. */
  public static String mountinfo(MountNamespace namespace, FileTree tree) {
    return mountinfo(seen(namespace, namespace.root(), tree));
  }

  private static String mountinfo(List<Seen> mounts) {
    TextBuffer out = new TextBuffer();
    List<Mount> all = mounts.stream().map(Seen::mount).toList();
    for (Seen s : mounts) {
      Mount m = s.mount;
      VfsPath at = m.mountPoint();
      out.add(m.id()).add(' ').add(at == null ? 0 : at.mount().id()).add(' ');
      out.add(DeviceNumber.major(m.filesystem().device())).add(':');
      out.add(DeviceNumber.minor(m.filesystem().device())).add(' ');
      out.add(escaped(rootPath(m.root())))
          .add(' ')
          .add(escaped(s.place))
          .add(' ')
          .add(options(m))
          .add(m.propagation(all))
          .add(" - ");
      out.add(m.filesystem().type())
          .add(' ')
          .add(escaped(m.source()))
          .add(m.readOnly() ? " ro\n" : " rw\n");
    }
    return out.toString();
  }

  static String mountstats(TaskScope scope) {
    TextBuffer out = new TextBuffer();
    for (Seen s : seen(scope)) {
      out.add("device ").add(escaped(s.mount.source())).add(" mounted on ").add(escaped(s.place));
      out.add(" with fstype ").add(s.mount.filesystem().type()).newline();
    }
    return out.toString();
  }

  private static List<Seen> seen(TaskScope scope) {
    MountNamespace namespace = scope.view().mounts();
    VfsPath root = scope.view().root();
    if (namespace == null || root == null) {
      return List.of();
    }
    return seen(namespace, root, scope.context().tree());
  }

  private static List<Seen> seen(MountNamespace namespace, VfsPath root, FileTree tree) {
    return namespace.mounts().stream()
        .map(m -> new Seen(m, tree.pathOf(new VfsPath(m, m.root()), root)))
        .filter(s -> s.place != null)
        .toList();
  }

  private static String rootPath(Dentry root) {
    StringBuilder path = new StringBuilder();
    for (Dentry d = root; d.parent() != null; d = d.parent()) {
      path.insert(0, d.name()).insert(0, '/');
    }
    return path.isEmpty() ? "/" : path.toString();
  }

  private static String options(Mount m) {
    int flags = m.flags();
    return (m.readOnly() ? "ro" : "rw")
        + ((flags & Mount.MS_NOSUID) != 0 ? ",nosuid" : "")
        + ((flags & Mount.MS_NODEV) != 0 ? ",nodev" : "")
        + ((flags & Mount.MS_NOEXEC) != 0 ? ",noexec" : "")
        + ((flags & Mount.MS_NOATIME) != 0 ? ",noatime" : "")
        + ((flags & Mount.MS_NODIRATIME) != 0 ? ",nodiratime" : "")
        + (m.relatime() ? ",relatime" : "");
  }

  /** Blanks, backslashes and number signs as octal escapes (getmntent(3)). */
  private static String escaped(String text) {
    TextBuffer out = new TextBuffer();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ' ' || c == '\t' || c == '\n' || c == '\\' || c == '#') {
        out.add('\\').octal(c, 3);
      } else {
        out.add(c);
      }
    }
    return out.toString();
  }
}
