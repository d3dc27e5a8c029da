package io.loomvisor.runtime.oci.verb;

import io.loomvisor.runtime.oci.cgroup.HostCgroup;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.spec.ContainerConfig.HookKind;
import io.loomvisor.runtime.oci.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the launcher must know of a container's configuration to do verbs without a JVM, which it
 * cannot parse itself (src/main/sh/verbs). A line for each fact: {@code cgroup PATH}, of which
 * there may be several, {@code hook KIND} if there are any that such a verb would have to run, and
 * {@code sandbox ID} if it is in the sandbox of another, null if not.
 */
record PlainFacts(List<Path> cgroups, List<HookKind> hooks, String sandbox) {
  static PlainFacts of(ContainerConfig config, HostCgroup cgroup, String sandbox) {
    List<HookKind> hooks = new ArrayList<>();
    for (HookKind kind : List.of(HookKind.POSTSTART, HookKind.POSTSTOP)) {
      if (!config.hooks().get(kind).isEmpty()) {
        hooks.add(kind);
      }
    }
    return new PlainFacts(cgroup.directories(), hooks, sandbox);
  }

  /** A path of several lines cannot be told in one: then the JVM's verbs do it all. */
  void write(StateDirectory directory) throws IOException {
    if (cgroups.stream().noneMatch(path -> path.toString().indexOf('\n') >= 0)) {
      directory.replace(StateDirectory.PLAIN, text());
    }
  }

  String text() {
    StringBuilder text = new StringBuilder();
    cgroups.forEach(path -> text.append("cgroup ").append(path).append('\n'));
    hooks.forEach(kind -> text.append("hook ").append(kind.property()).append('\n'));
    if (sandbox != null) {
      text.append("sandbox ").append(sandbox).append('\n');
    }
    return text.toString();
  }
}
