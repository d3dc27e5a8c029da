package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.runtime.lock.GoferLock;
import io.loomvisor.runtime.oci.spec.ConfigException;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.spec.DeviceConfig;
import io.loomvisor.runtime.oci.spec.MountConfig;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.KernelCaller;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.dev.DevTree;
import io.loomvisor.vfs.gofer.FileAccess;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The mount tree of a container, as its configuration says. All of it happens inside the sandbox: a
 * symbolic link in the image leads to a place of the sandbox, never of the host.
 */
final class ContainerMounts {
  private static final int ROOT = 0;

  private final SandboxKernel parts;
  private final GoferClient client;
  private final ContainerConfig config;
  private final List<Boolean> directories;
  private final FileTree tree;
  private final SandboxMounts mounts;
  private final WalkContext context;

  private ContainerMounts(
      SandboxKernel parts, GoferClient client, ContainerConfig config, List<Boolean> directories) {
    this.directories = directories;
    this.parts = parts;
    this.client = client;
    this.config = config;
    Kernel kernel = parts.kernel();
    this.tree = kernel.fileTree();
    this.mounts =
        new SandboxMounts(
            tree, parts.hostTree(client, ROOT, false, FileAccess.EXCLUSIVE), "rootfs");
    MountNamespace namespace = mounts.namespace();
    this.context =
        new WalkContext(namespace, namespace.root(), namespace.root(), 0, KernelCaller.ROOT);
  }

  /** What the gofer is to serve: the root file system, then the sources of bind mounts in order. */
  static List<GoferLock.Tree> trees(ContainerConfig config) {
    List<GoferLock.Tree> trees = new ArrayList<>();
    trees.add(new GoferLock.Tree(config.rootPath().toString(), false));
    for (MountConfig m : config.mounts()) {
      if (m.kind() == MountConfig.Kind.BIND) {
        trees.add(new GoferLock.Tree(m.source(), m.readOnly()));
      }
    }
    return trees;
  }

  /**
   * @param directories of {@link #trees}, which are directories of the host and not single files
   */
  static MountNamespace build(
      SandboxKernel parts, GoferClient client, ContainerConfig config, List<Boolean> directories)
      throws ConfigException {
    ContainerMounts container = new ContainerMounts(parts, client, config, directories);
    container.mountAll();
    container.devices();
    container.sysctl();
    container.mask();
    if (config.rootReadOnly()) {
      MountNamespace namespace = container.mounts.namespace();
      namespace.remount(namespace.root(), Mount.MS_RDONLY);
    }
    return container.mounts.namespace();
  }

  private void mountAll() throws ConfigException {
    int bind = ROOT;
    for (MountConfig m : config.mounts()) {
      try {
        switch (m.kind()) {
          case BIND -> bind(m, ++bind);
          case TMPFS -> mounts.mount(tmpfs(m), m.destination(), m.flags());
          case PROC -> mounts.mount(parts.own().proc(), m.destination(), m.flags());
          case SYSFS -> mounts.mount(parts.own().sys(), m.destination(), m.flags());
          case CGROUP -> mounts.mount(parts.own().cgroup(), m.destination(), m.flags());
          case DEVPTS -> mounts.mount(parts.kernel().devpts(), m.destination(), m.flags());
          case MQUEUE ->
              mounts.mount(parts.kernel().ipc().queues().files(), m.destination(), m.flags());
        }
      } catch (LinuxException e) {
        throw new ConfigException(
            "mounting " + m.source() + " at " + m.destination() + ": " + e.errno().text());
      }
    }
  }

  /** Its root has the mode of the directory under it, as with runc, unless an option says it. */
  private TmpFilesystem tmpfs(MountConfig m) {
    VfsPath under = find(m.destination());
    boolean covers = under != null && FileMode.isDirectory(under.inode().mode());
    int mode = covers ? under.inode().mode() & FileMode.PERMISSIONS : 01777;
    TmpFilesystem fs = parts.tmpfs("mode=" + Integer.toOctalString(mode) + "," + m.data());
    if (m.copyUp() && covers) {
      MountNamespace alone = new MountNamespace(fs, m.source(), 0);
      new TreeCopy(tree, at(context.namespace(), under), at(alone, alone.root())).run();
    }
    if (m.destination().equals("/dev")) {
      DevTree.populate(fs.root(), config.process() != null && config.process().terminal());
    }
    return fs;
  }

  private WalkContext at(MountNamespace namespace, VfsPath directory) {
    return new WalkContext(namespace, namespace.root(), directory, 0, context.caller());
  }

  private void bind(MountConfig m, int root) {
    Filesystem host = parts.hostTree(client, root, m.readOnly(), FileAccess.SHARED);
    if (directories.get(root)) {
      mounts.mount(host, m.destination(), m.flags());
      return;
    }
    MountNamespace outside = new MountNamespace(host, m.source(), 0);
    WalkContext there =
        new WalkContext(outside, outside.root(), outside.root(), 0, context.caller());
    VfsPath file = tree.walk(there, GoferLock.FILE, 0);
    VfsPath place = mounts.file(m.destination());
    MountNamespace namespace = mounts.namespace();
    namespace.bind(file, place, false);
    namespace.remount(namespace.cross(place), m.flags());
  }

  private void devices() throws ConfigException {
    for (DeviceConfig d : config.devices()) {
      try {
        long rdev = (long) d.major() << 8 | d.minor();
        VfsPath node = tree.mknod(context, d.path(), d.mode(), rdev);
        tree.setAttributes(
            context, node, io.loomvisor.gofer.abi.SetAttributes.ofOwner(d.uid(), d.gid()));
      } catch (LinuxException e) {
        if (e.errno() != Errno.EEXIST) {
          throw new ConfigException("linux.devices: " + d.path() + ": " + e.errno().text());
        }
      }
    }
  }

  private void sysctl() throws ConfigException {
    for (Map.Entry<String, String> s : config.sysctl().entrySet()) {
      if (s.getKey().equals("kernel.domainname")) {
        parts.kernel().uts().setDomainName(s.getValue()); // Docker's --domainname
        continue;
      }
      String path = "/proc/sys/" + s.getKey().replace('.', '/');
      try {
        FileDescription file = tree.open(context, path, OpenFlags.O_WRONLY, 0, FileTree.FOLLOW);
        try {
          file.write(HeapBuffer.wrap(s.getValue().getBytes(StandardCharsets.UTF_8)));
        } finally {
          file.release();
        }
      } catch (LinuxException e) {
        throw new ConfigException("linux.sysctl: " + s.getKey() + ": " + e.errno().text());
      }
    }
  }

  private void mask() throws ConfigException {
    MountNamespace namespace = mounts.namespace();
    for (String path : config.readonlyPaths()) {
      VfsPath place = find(path);
      if (place != null) {
        namespace.bind(place, place, true);
        namespace.remount(namespace.cross(place), place.mount().flags() | Mount.MS_RDONLY);
      }
    }
    for (String path : config.maskedPaths()) {
      VfsPath place = find(path);
      if (place == null) {
        continue;
      }
      if (FileMode.isDirectory(place.inode().mode())) {
        namespace.mount(parts.tmpfs("size=0"), "tmpfs", place, Mount.MS_RDONLY);
      } else {
        VfsPath nothing = find("/dev/null");
        if (nothing == null) {
          throw new ConfigException("linux.maskedPaths: the container has no /dev/null");
        }
        namespace.bind(nothing, place, false);
      }
    }
  }

  /** Null if there is none: such paths are left out (as the specification has it). */
  private VfsPath find(String path) {
    try {
      return tree.walk(context, path, FileTree.FOLLOW);
    } catch (LinuxException e) {
      return null;
    }
  }
}
