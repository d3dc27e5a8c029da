package io.loomvisor.runtime.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The arrows of docs/architecture.md: a module may use only what stands below it. */
class DependencyDirectionTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.loomvisor");

  /** Module package to the module packages that it may use. */
  private static final Map<String, List<String>> ALLOWED =
      new TreeMap<>(
          Map.of(
              "gofer", List.of(),
              "net", List.of(),
              "scheduler", List.of(),
              "platform", List.of("scheduler"),
              "vfs", List.of("scheduler", "gofer"),
              "task", List.of("platform", "scheduler", "vfs", "gofer"),
              "kernel", List.of("task", "vfs", "net", "platform", "scheduler", "gofer")));

  @Test
  void arrowsPointDownward() {
    for (String module : ALLOWED.keySet()) {
      for (String other :
          List.of("gofer", "net", "scheduler", "platform", "vfs", "task", "kernel", "runtime")) {
        if (!other.equals(module) && !ALLOWED.get(module).contains(other)) {
          noClasses()
              .that()
              .resideInAPackage("io.loomvisor." + module + "..")
              .should()
              .dependOnClassesThat()
              .resideInAPackage("io.loomvisor." + other + "..")
              .allowEmptyShould(true)
              .check(CLASSES);
        }
      }
    }
  }

  @Test
  void platformInterfaceDoesNotKnowKvm() {
    noClasses()
        .that()
        .resideInAPackage("io.loomvisor.platform")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.loomvisor.platform.kvm..")
        .check(CLASSES);
  }

  @Test
  void kernelAndBelowDoNotKnowKvm() {
    noClasses()
        .that()
        .resideInAnyPackage("io.loomvisor.kernel..", "io.loomvisor.task..", "io.loomvisor.vfs..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.loomvisor.platform.kvm..")
        .check(CLASSES);
  }

  /**
   * The net-stack's one native class reads and writes descriptors of devices (TUN, TAP, AF_PACKET)
   * that it is given.
   */
  private static final String NET_NATIVE = "io.loomvisor.net.link.HostFd";

  @Test
  void hostCallsAreConfined() {
    noClasses()
        .that()
        .resideInAnyPackage("io.loomvisor.kernel..", "io.loomvisor.task..", "io.loomvisor.net..")
        .and()
        .doNotHaveFullyQualifiedName(NET_NATIVE)
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.foreign.Linker")
        .check(CLASSES);
  }

  @Test
  void nobodyUsesUnsafe() {
    noClasses().should().dependOnClassesThat().haveSimpleName("Unsafe").check(CLASSES);
  }

  @Test
  void sentryOpensNoHostPathForTheApplication() {
    noClasses()
        .that()
        .resideInAnyPackage("io.loomvisor.kernel..", "io.loomvisor.task..", "io.loomvisor.vfs..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.(io\\.File|io\\.RandomAccessFile|io\\.File(In|Out)putStream|nio\\.file\\..*|net\\..*Socket)")
        .check(CLASSES);
  }
}
