package io.loomvisor.runtime.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.loomvisor.net.wire.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.foreign.Linker;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * What opens files of the JDK when it is first used: a sentry that is locked in would be killed.
 */
class FirstUsesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.loomvisor");

  /** Locale data. */
  @Test
  void theSentryFormatsNoNumbers() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.loomvisor.runtime.oci.verb..", "io.loomvisor.benchmarks..")
        .and()
        .doNotHaveFullyQualifiedName("io.loomvisor.runtime.lock.Preload")
        .should()
        .callMethod(String.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "format", Locale.class, String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "formatted", Object[].class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Formatter.class)
        .check(CLASSES);
  }

  /** The configuration of the security providers; SipHash and HostRandom are there instead. */
  @Test
  void theSentryHasNoSecureRandom() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.loomvisor.runtime.oci.verb..", "io.loomvisor.benchmarks..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(SecureRandom.class)
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .check(CLASSES);
  }

  /**
   * Opens no files, but its first use computes tables of powers for 25 ms, interpreted: at the
   * start of a container it was the one number of its configuration that Gson was asked for.
   * RuleWriter prints a probability of a rule that somebody lists.
   */
  @Test
  void noStartNeedsDecimalNumbers() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.loomvisor.net.filter.text..", "io.loomvisor.benchmarks..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(BigDecimal.class, BigInteger.class)
        .orShould()
        .callMethod(JsonElement.class, "getAsBigDecimal")
        .check(CLASSES);
  }

  /** The JDK links a record's own equals and hashCode with some 15 classes, for 10 to 20 ms. */
  @Test
  void recordsThatAStartComparesDoSoThemselves() throws IOException {
    for (Class<?> compared : List.of(IpAddress.class)) {
      try (InputStream file = compared.getResourceAsStream(compared.getSimpleName() + ".class")) {
        for (MethodModel method : ClassFile.of().parse(file.readAllBytes()).methods()) {
          String name = method.methodName().stringValue();
          if (name.equals("equals") || name.equals("hashCode")) {
            assertTrue(
                method
                    .code()
                    .orElseThrow()
                    .elementStream()
                    .noneMatch(InvokeDynamicInstruction.class::isInstance),
                compared + "." + name);
          }
        }
      }
    }
  }

  /**
   * Each further type of host call has the JDK spin a dozen classes, for 10 ms: HostCall, Libc,
   * Syscall and the net-stack's HostFd share one.
   */
  @Test
  void hostCallsAreOfOneType() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.loomvisor.benchmarks..")
        .should()
        .callMethod(Linker.Option.class, "critical", boolean.class)
        .check(CLASSES);
  }
}
