package io.loomvisor.runtime.oci.spec;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A config.json (OCI runtime specification 1.2).
 *
 * @param process null for a container in which nothing can be started
 * @param rootPath of the host, absolute
 * @param hostNetwork the runtime's own network namespace
 * @param networkNamespace path of the host's namespace to join; null for a new one
 * @param utsNamespace path of the host's namespace whose names the sandbox begins with; null for
 *     none
 * @param ipcNamespace path of the host's namespace to join, which only a sandbox's can be; null for
 *     a new one
 * @param seccomp null for a container without a profile
 * @param notices what is not done and said so instead of refused
 */
public record ContainerConfig(
    String version,
    ProcessConfig process,
    Path rootPath,
    boolean rootReadOnly,
    String hostname,
    String domainname,
    List<MountConfig> mounts,
    Map<HookKind, List<HookConfig>> hooks,
    Map<String, String> annotations,
    boolean hostNetwork,
    String networkNamespace,
    String utsNamespace,
    String ipcNamespace,
    String cgroupsPath,
    Resources resources,
    List<DeviceConfig> devices,
    Map<String, String> sysctl,
    List<String> maskedPaths,
    List<String> readonlyPaths,
    SeccompConfig seccomp,
    List<String> notices) {
  private static final String NO_USER_NAMESPACES =
      ": not supported: user namespaces (the engine's userns-remap; --userns=host is without)";

  /** The points of a container's life at which hooks run. */
  public enum HookKind {
    PRESTART("prestart"),
    CREATE_RUNTIME("createRuntime"),
    CREATE_CONTAINER("createContainer"),
    START_CONTAINER("startContainer"),
    POSTSTART("poststart"),
    POSTSTOP("poststop");

    private final String property;

    HookKind(String property) {
      this.property = property;
    }

    public String property() {
      return property;
    }
  }

  /**
   * @param bundle what a relative root path is relative to
   */
  public static ContainerConfig parse(String text, Path bundle) throws ConfigException {
    JsonView c = JsonView.parse(text, "");
    c.refuse("windows", "solaris", "vm", "zos");
    String version = c.string("ociVersion");
    if (!version.startsWith("1.")) {
      throw new ConfigException("ociVersion: " + version + ": not supported");
    }
    JsonView root = c.child("root");
    JsonView linux = c.child("linux");
    List<String> notices = new ArrayList<>();
    ProcessConfig process = c.has("process") ? ProcessConfig.of(c.child("process")) : null;
    if (process != null) {
      notices.addAll(process.notices());
    }
    List<MountConfig> mounts = new ArrayList<>();
    for (JsonView m : c.children("mounts")) {
      mounts.add(MountConfig.of(m));
    }
    List<DeviceConfig> devices = new ArrayList<>();
    for (JsonView d : linux.children("devices")) {
      devices.add(DeviceConfig.of(d));
    }
    checkLinux(linux, notices);
    return new ContainerConfig(
        version,
        process,
        bundle.resolve(root.string("path")).normalize(),
        root.flag("readonly"),
        c.string("hostname", null),
        c.string("domainname", null),
        mounts,
        hooks(c.child("hooks")),
        c.map("annotations"),
        !hasNetworkNamespace(linux),
        networkNamespace(linux, notices),
        path(linux, "uts"),
        path(linux, "ipc"),
        linux.string("cgroupsPath", null),
        Resources.of(linux.child("resources")),
        devices,
        linux.map("sysctl"),
        linux.strings("maskedPaths").stream().map(JsonView::bytes).toList(),
        linux.strings("readonlyPaths").stream().map(JsonView::bytes).toList(),
        seccomp(linux, notices),
        notices);
  }

  private static void checkLinux(JsonView linux, List<String> notices) throws ConfigException {
    for (String mappings : List.of("uidMappings", "gidMappings")) {
      if (linux.has(mappings)) {
        throw new ConfigException(linux.place(mappings) + NO_USER_NAMESPACES);
      }
    }
    linux.refuse("intelRdt", "personality", "timeOffsets", "netDevices");
    if (!linux.string("mountLabel", "").isEmpty()) {
      notices.add(linux.place("mountLabel") + ": has no effect in the sandbox");
    }
  }

  private static SeccompConfig seccomp(JsonView linux, List<String> notices)
      throws ConfigException {
    if (!linux.has("seccomp")) {
      return null;
    }
    SeccompConfig seccomp = SeccompConfig.of(linux.child("seccomp"));
    if (!seccomp.unknown().isEmpty()) {
      notices.add(
          linux.place("seccomp")
              + ": no such system calls on x86-64, ignored: "
              + String.join(" ", seccomp.unknown()));
    }
    return seccomp;
  }

  private static boolean hasNetworkNamespace(JsonView linux) throws ConfigException {
    for (JsonView n : linux.children("namespaces")) {
      if (n.string("type").equals("network")) {
        return true;
      }
    }
    return false;
  }

  private static String networkNamespace(JsonView linux, List<String> notices)
      throws ConfigException {
    String path = null;
    List<String> missing = new ArrayList<>(List.of("pid", "ipc", "uts", "mount"));
    for (JsonView n : linux.children("namespaces")) {
      String type = n.string("type");
      missing.remove(type);
      switch (type) {
        case "network" -> path = n.string("path", null);
        case "ipc", "uts" -> {} // with a path: another container's of a Kubernetes pod
        case "pid", "mount", "cgroup", "time" -> n.refuse("path");
        case "user" -> throw new ConfigException(n.place("type") + ": user" + NO_USER_NAMESPACES);
        default -> throw new ConfigException(n.place("type") + ": no namespace " + type);
      }
    }
    for (String type : missing) {
      notices.add(
          linux.place("namespaces")
              + ": without "
              + type
              + ": the sandbox has its own all the same");
    }
    return path;
  }

  private static String path(JsonView linux, String type) throws ConfigException {
    for (JsonView n : linux.children("namespaces")) {
      if (n.string("type").equals(type)) {
        return n.string("path", null);
      }
    }
    return null;
  }

  private static Map<HookKind, List<HookConfig>> hooks(JsonView hooks) throws ConfigException {
    Map<HookKind, List<HookConfig>> all = new EnumMap<>(HookKind.class);
    for (HookKind kind : HookKind.values()) {
      all.put(kind, HookConfig.list(hooks, kind.property()));
    }
    if (!all.get(HookKind.START_CONTAINER).isEmpty()) {
      hooks.refuse(HookKind.START_CONTAINER.property());
    }
    return all;
  }
}
