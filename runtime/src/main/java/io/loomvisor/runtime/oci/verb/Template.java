package io.loomvisor.runtime.oci.verb;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.loomvisor.runtime.oci.spec.CapabilityName;
import io.loomvisor.runtime.oci.spec.ContainerConfig.HookKind;
import io.loomvisor.runtime.oci.spec.SeccompConfig;
import io.loomvisor.runtime.oci.state.ContainerState;
import io.loomvisor.runtime.oci.state.RuntimeFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code spec} and {@code features}: what can be asked for. */
final class Template {
  private Template() {}

  /** A config.json to begin with. */
  static int spec(GlobalOptions options, Arguments arguments) throws IOException {
    if (arguments.has("rootless")) {
      throw new RuntimeFailure("--rootless: not supported");
    }
    Path file = Path.of(arguments.value("bundle", "")).resolve("config.json");
    if (Files.exists(file)) {
      throw new RuntimeFailure(
          "file config.json exists. Remove it first, or choose another bundle");
    }
    try (InputStream template = Template.class.getResourceAsStream("config.json")) {
      Files.write(file, template.readAllBytes());
    }
    return 0;
  }

  /** The structure that the specification gives for it (features.md). */
  static int features(GlobalOptions options, Arguments arguments) throws IOException {
    JsonObject linux = new JsonObject();
    linux.add("namespaces", array(List.of("cgroup", "ipc", "mount", "network", "pid", "uts")));
    linux.add("capabilities", array(CapabilityName.ALL));
    linux.add("cgroup", JsonParser.parseString("{\"v1\": true, \"v2\": true, \"systemd\": false}"));
    linux.add("seccomp", seccomp());
    linux.add("apparmor", JsonParser.parseString("{\"enabled\": false}"));
    linux.add("selinux", JsonParser.parseString("{\"enabled\": false}"));
    JsonObject features = new JsonObject();
    features.addProperty("ociVersionMin", "1.0.0");
    features.addProperty("ociVersionMax", ContainerState.OCI_VERSION);
    features.add(
        "hooks",
        array(
            java.util.Arrays.stream(HookKind.values())
                .filter(k -> k != HookKind.START_CONTAINER)
                .map(HookKind::property)
                .toList()));
    features.add(
        "mountOptions",
        array(
            List.of(
                "bind",
                "rbind",
                "ro",
                "rw",
                "nosuid",
                "suid",
                "nodev",
                "dev",
                "noexec",
                "exec",
                "noatime",
                "atime",
                "relatime",
                "strictatime")));
    features.add("linux", linux);
    System.out.println(new GsonBuilder().setPrettyPrinting().create().toJson(features));
    return 0;
  }

  private static JsonElement seccomp() {
    JsonObject seccomp = new JsonObject();
    seccomp.addProperty("enabled", true);
    seccomp.add("actions", array(SeccompConfig.ACTIONS));
    seccomp.add("operators", array(SeccompConfig.OPERATORS));
    seccomp.add("archs", array(List.of("SCMP_ARCH_X86_64")));
    seccomp.add("knownFlags", array(SeccompConfig.FLAGS));
    seccomp.add("supportedFlags", array(SeccompConfig.FLAGS));
    return seccomp;
  }

  private static JsonElement array(List<String> strings) {
    JsonArray array = new JsonArray();
    strings.forEach(array::add);
    return array;
  }
}
