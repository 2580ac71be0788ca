package io.millrace.standalone;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.millrace.testing.PackageCycles;
import org.jspecify.annotations.NullMarked;

/** The arrows of docs/architecture.md. */
@AnalyzeClasses(packages = "io.millrace", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String[] SPRING_SIDE = {
    "org.springframework..", "org.apache.kafka..", "java.sql..", "javax.sql..", "jakarta.servlet.."
  };
  private static final String[] COMMON = {
    "contracts", "input", "platform", "chart", "tensor", "language", "vision", "encoder"
  };

  @ArchTest
  static final ArchRule numericalCodeKnowsNoSpringKafkaOrJdbc =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.millrace.chart..",
              "io.millrace.input..",
              "io.millrace.tensor..",
              "io.millrace.language..",
              "io.millrace.vision..",
              "io.millrace.encoder..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SPRING_SIDE);

  @ArchTest
  static final ArchRule onlyTensorNamesThePyTorchEngine =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.millrace.tensor..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl.pytorch..");

  @ArchTest
  static final ArchRule onlyTheObjectStoreOnS3NamesTheAwsSdk =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.millrace.platform.store.s3..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("software.amazon.awssdk..");

  @ArchTest static final ArchRule contractsStandAlone = usesOnly("contracts");
  @ArchTest static final ArchRule inputStandsAlone = usesOnly("input");

  @ArchTest static final ArchRule tensorUsesChartAndInput = usesOnly("tensor", "chart", "input");
  @ArchTest static final ArchRule embeddedStandsAlone = usesOnly("embedded");
  @ArchTest static final ArchRule languageUsesTensor = usesOnly("language", "tensor", "input");
  @ArchTest static final ArchRule chartStandsAlone = usesOnly("chart");

  @ArchTest
  static final ArchRule visionUsesTensorAndChart = usesOnly("vision", "tensor", "chart", "input");

  @ArchTest
  static final ArchRule encoderUsesNumericalModules =
      usesOnly("encoder", "tensor", "language", "vision", "chart", "input");

  @ArchTest
  static final ArchRule platformUsesContracts = usesOnly("platform", "contracts", "input");

  @ArchTest static final ArchRule dataServiceUsesCommon = usesOnly("data", COMMON);
  @ArchTest static final ArchRule trainingServiceUsesCommon = usesOnly("training", COMMON);
  @ArchTest static final ArchRule inferenceServiceUsesCommon = usesOnly("inference", COMMON);

  @ArchTest
  static final ArchRule gatewayUsesContractsAndPlatform =
      usesOnly("gateway", "contracts", "input", "platform");

  @ArchTest
  static final ArchRule contractsHaveNoPackageCycles =
      PackageCycles.noneIn("io.millrace.contracts");

  @ArchTest
  static final ArchRule tensorHasNoPackageCycles = PackageCycles.noneIn("io.millrace.tensor");

  @ArchTest
  static final ArchRule languageHasNoPackageCycles = PackageCycles.noneIn("io.millrace.language");

  @ArchTest
  static final ArchRule visionHasNoPackageCycles = PackageCycles.noneIn("io.millrace.vision");

  @ArchTest
  static final ArchRule encoderHasNoPackageCycles = PackageCycles.noneIn("io.millrace.encoder");

  @ArchTest
  static final ArchRule platformHasNoPackageCycles = PackageCycles.noneIn("io.millrace.platform");

  @ArchTest
  static final ArchRule embeddedHasNoPackageCycles = PackageCycles.noneIn("io.millrace.embedded");

  @ArchTest
  static final ArchRule trainingHasNoPackageCycles = PackageCycles.noneIn("io.millrace.training");

  @ArchTest
  static final ArchRule inferenceHasNoPackageCycles = PackageCycles.noneIn("io.millrace.inference");

  @ArchTest
  static final ArchRule gatewayHasNoPackageCycles = PackageCycles.noneIn("io.millrace.gateway");

  @ArchTest
  static final ArchRule standaloneHasNoPackageCycles =
      PackageCycles.noneIn("io.millrace.standalone");

  @ArchTest static final ArchRule dataHasNoPackageCycles = PackageCycles.noneIn("io.millrace.data");

  @ArchTest
  static final ArchRule nothingIsInjectedIntoFields =
      fields()
          .should()
          .notBeAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
          .andShould()
          .notBeAnnotatedWith("jakarta.inject.Inject");

  @ArchTest
  static final ArchRule timeIsJavaTime =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Date")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Calendar");

  @ArchTest
  static final ArchRule onlyTheCommandLinePrints =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.millrace.standalone..", "io.millrace.benchmarks..", "io.millrace.testing..")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  @ArchTest
  static final ArchRule packagesAreNullMarked =
      classes()
          .that()
          .resideOutsideOfPackages("io.millrace.contracts.*.v1")
          .should(beInANullMarkedPackage());

  private static ArchRule usesOnly(String module, String... others) {
    return noClasses()
        .that()
        .resideInAPackage("io.millrace." + module + "..")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "are in another module than " + module + " " + String.join(" ", others),
                type -> isOther(type, module, others)));
  }

  private static boolean isOther(JavaClass type, String module, String... others) {
    String name = type.getPackageName() + ".";
    boolean other =
        name.startsWith("io.millrace.") && !name.startsWith("io.millrace." + module + ".");
    for (String allowed : others) {
      other &= !name.startsWith("io.millrace." + allowed + ".");
    }
    return other;
  }

  private static ArchCondition<JavaClass> beInANullMarkedPackage() {
    return new ArchCondition<>("be in a @NullMarked package") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        if (type.getPackage().tryGetAnnotationOfType(NullMarked.class).isEmpty()) {
          events.add(
              SimpleConditionEvent.violated(type, type.getPackageName() + " is not @NullMarked"));
        }
      }
    };
  }
}
