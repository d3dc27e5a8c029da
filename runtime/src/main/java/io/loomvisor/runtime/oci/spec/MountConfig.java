package io.loomvisor.runtime.oci.spec;

import io.loomvisor.vfs.mount.Mount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One of {@code mounts}.
 *
 * @param kind what is mounted
 * @param source of the host for a bind mount, else a name
 * @param flags of {@link Mount}
 * @param data options that are not flags, with commas between
 * @param copyUp a tmpfs that begins with what is in the directory under it: tmpcopyup, an extension
 *     of runc's that podman uses
 */
public record MountConfig(
    Kind kind, String destination, String source, int flags, String data, boolean copyUp) {
  private static final String COPY_UP = "tmpcopyup";

  /** The file systems that a container can have. */
  public enum Kind {
    BIND,
    TMPFS,
    PROC,
    SYSFS,
    DEVPTS,
    MQUEUE,
    CGROUP
  }

  private static final Map<String, Integer> SET =
      Map.ofEntries(
          Map.entry("ro", Mount.MS_RDONLY),
          Map.entry("nosuid", Mount.MS_NOSUID),
          Map.entry("nodev", Mount.MS_NODEV),
          Map.entry("noexec", Mount.MS_NOEXEC),
          Map.entry("noatime", Mount.MS_NOATIME),
          Map.entry("nodiratime", Mount.MS_NODIRATIME),
          Map.entry("relatime", Mount.MS_RELATIME),
          Map.entry("strictatime", Mount.MS_STRICTATIME));
  private static final Map<String, Integer> CLEAR =
      Map.of(
          "rw", Mount.MS_RDONLY,
          "suid", Mount.MS_NOSUID,
          "dev", Mount.MS_NODEV,
          "exec", Mount.MS_NOEXEC,
          "atime", Mount.MS_NOATIME,
          "diratime", Mount.MS_NODIRATIME,
          "norelatime", Mount.MS_RELATIME,
          "nostrictatime", Mount.MS_STRICTATIME);

  /** Of no effect: nothing propagates into or out of a sandbox, and all binds are recursive. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "bind",
          "rbind",
          "private",
          "rprivate",
          "slave",
          "rslave",
          "shared",
          "rshared",
          "unbindable",
          "runbindable",
          "defaults",
          "async",
          "sync",
          "dirsync",
          "nomand",
          "silent",
          "loud",
          "iversion",
          "noiversion",
          "nosymfollow",
          "symfollow");

  private static final Set<String> UNSUPPORTED = Set.of("idmap", "ridmap", "rro", "rrw", "mand");

  static MountConfig of(JsonView m) throws ConfigException {
    m.refuse("uidMappings", "gidMappings");
    String destination = m.string("destination");
    if (!destination.startsWith("/")) {
      throw new ConfigException(m.place("destination") + ": not an absolute path");
    }
    List<String> options = m.strings("options");
    boolean bind = options.contains("bind") || options.contains("rbind");
    String type = m.string("type", bind ? "bind" : "");
    boolean copyUp = options.contains(COPY_UP);
    int flags = 0;
    List<String> data = new ArrayList<>();
    for (String option : options) {
      if (UNSUPPORTED.contains(option) || option.equals(COPY_UP) && !type.equals("tmpfs")) {
        throw new ConfigException(m.place("options") + ": " + option + ": not supported");
      } else if (SET.containsKey(option)) {
        flags |= SET.get(option);
      } else if (CLEAR.containsKey(option)) {
        flags &= ~CLEAR.get(option);
      } else if (!WITHOUT_EFFECT.contains(option) && !option.equals(COPY_UP)) {
        data.add(option);
      }
    }
    Kind kind = bind ? Kind.BIND : kind(m, type);
    String source = kind == Kind.BIND ? m.string("source") : m.string("source", type);
    return new MountConfig(
        kind, JsonView.bytes(destination), source, flags, String.join(",", data), copyUp);
  }

  private static Kind kind(JsonView m, String type) throws ConfigException {
    return switch (type) {
      case "bind", "none" -> Kind.BIND;
      case "tmpfs" -> Kind.TMPFS;
      case "proc" -> Kind.PROC;
      case "sysfs" -> Kind.SYSFS;
      case "devpts" -> Kind.DEVPTS;
      case "mqueue" -> Kind.MQUEUE;
      case "cgroup", "cgroup2" -> Kind.CGROUP;
      default -> throw new ConfigException(m.place("type") + ": " + type + ": not supported");
    };
  }

  public boolean readOnly() {
    return (flags & Mount.MS_RDONLY) != 0;
  }
}
