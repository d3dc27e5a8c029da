package io.loomvisor.vfs.testing;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.DeviceRegistry;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.LinuxFileTree;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** A file tree with short-hand for tests; root's view unless {@link #as} says otherwise. */
public final class Tree {
  public final TestPageStore store;
  public final FileTree tree = new LinuxFileTree();
  public final MountNamespace namespace;
  private final Credentials who;

  private Tree(TestPageStore store, MountNamespace namespace, Credentials who) {
    this.store = store;
    this.namespace = namespace;
    this.who = who;
  }

  public static Tree onTmpfs() {
    TestPageStore store = new TestPageStore(4096);
    return on(tmpfs(store), store);
  }

  public static Tree on(Filesystem root, TestPageStore store) {
    return new Tree(store, new MountNamespace(root, "none", 0), Credentials.root());
  }

  public static TmpFilesystem tmpfs(TestPageStore store) {
    return new TmpFilesystem(
        store,
        DeviceRegistry.NONE,
        FileClock.SYSTEM,
        TmpFilesystem.Options.DEFAULT.withRootMode(0755));
  }

  /** The same tree seen by somebody else. */
  public Tree as(Credentials other) {
    return new Tree(store, namespace, other);
  }

  public WalkContext context() {
    return contextAt(namespace.root());
  }

  public WalkContext contextAt(VfsPath start) {
    return new WalkContext(namespace, namespace.root(), start, 022, new TestCaller(who));
  }

  public VfsPath walk(String path) {
    return tree.walk(context(), path, FileTree.FOLLOW);
  }

  public FileDescription open(String path, int flags) {
    return tree.open(context(), path, flags, 0666, 0);
  }

  public void mkdir(String path) {
    tree.mkdir(context(), path, 0777);
  }

  public void rename(String from, String to) {
    tree.rename(context(), from, context(), to, 0);
  }

  public void link(String from, String to) {
    tree.link(context(), tree.walk(context(), from, 0), to);
  }

  public FileStat stat(String path) {
    return tree.stat(context(), path, FileTree.FOLLOW);
  }

  public FileStat lstat(String path) {
    return tree.stat(context(), path, 0);
  }

  public boolean exists(String path) {
    try {
      lstat(path);
      return true;
    } catch (LinuxException e) {
      Assertions.assertEquals(Errno.ENOENT, e.errno());
      return false;
    }
  }

  public void write(String path, String text) {
    FileDescription d = open(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC);
    Assertions.assertEquals(text.length(), d.write(bytes(text)));
    d.release();
  }

  public String read(String path) {
    FileDescription d = open(path, OpenFlags.O_RDONLY);
    String text = readAll(d);
    d.release();
    return text;
  }

  public static String readAll(FileDescription d) {
    StringBuilder all = new StringBuilder();
    for (String s = read(d, 8192); !s.isEmpty(); s = read(d, 8192)) {
      all.append(s);
    }
    return all.toString();
  }

  public static String read(FileDescription d, int max) {
    byte[] buffer = new byte[max];
    int n = (int) d.read(HeapBuffer.wrap(buffer));
    return new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
  }

  public static long write(FileDescription d, String text) {
    return d.write(bytes(text));
  }

  public static HeapBuffer bytes(String text) {
    return HeapBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The names in a directory, as listed, without "." and "..". */
  public List<String> list(String path) {
    FileDescription d = open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    List<String> names = new ArrayList<>();
    d.readDirectory((name, ino, type, next) -> names.add(name));
    d.release();
    Assertions.assertEquals(List.of(".", ".."), names.subList(0, 2));
    return names.subList(2, names.size());
  }

  public static void fails(Errno expected, Runnable action) {
    LinuxException e = Assertions.assertThrows(LinuxException.class, action::run);
    Assertions.assertEquals(expected, e.errno());
  }
}
