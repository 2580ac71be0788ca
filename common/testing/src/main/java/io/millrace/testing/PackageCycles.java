package io.millrace.testing;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** Packages are features: none of a module's may need one that needs it in turn. */
public final class PackageCycles {

  private PackageCycles() {}

  /**
   * No two packages of a module depend on each other, the module's own package included.
   *
   * @param module its package, e.g. {@code io.millrace.platform}
   */
  public static ArchRule noneIn(String module) {
    return slices().assignedFrom(packagesOf(module)).should().beFreeOfCycles();
  }

  private static SliceAssignment packagesOf(String module) {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        String name = type.getPackageName();
        return (name + ".").startsWith(module + ".")
            ? SliceIdentifier.of(name)
            : SliceIdentifier.ignore();
      }

      @Override
      public String getDescription() {
        return "packages of " + module;
      }
    };
  }
}
