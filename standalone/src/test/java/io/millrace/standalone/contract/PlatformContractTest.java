package io.millrace.standalone.contract;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestClassOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the platform promises to its clients, asked of one platform as {@code up} starts it. A
 * request or method that is new fails {@link Completeness} until a kit calls it.
 */
@Timeout(600)
@TestClassOrder(ClassOrderer.OrderAnnotation.class)
class PlatformContractTest {
  private static ContractPlatform platform;

  @BeforeAll
  static void start(@TempDir Path directory) {
    platform = ContractPlatform.start(directory.resolve("home"));
  }

  @AfterAll
  static void stop() {
    platform.close();
  }

  @Nested
  class DatasetsOverRest extends DatasetContract {
    DatasetsOverRest() {
      super(new RestDatasets(platform.rest()), "rest-", platform.objects());
    }
  }

  @Nested
  class DatasetsOverGrpc extends DatasetContract {
    DatasetsOverGrpc() {
      super(new GrpcDatasets(platform.rpc()), "grpc-", platform.objects());
    }
  }

  @Nested
  class Uploads extends UploadContract {
    Uploads() {
      super(platform.rest());
    }
  }

  @Nested
  class RunsOverRest extends RunContract {
    RunsOverRest() {
      super(new RestRuns(platform.rest()), "rest-", platform.models());
    }
  }

  @Nested
  class RunsOverGrpc extends RunContract {
    RunsOverGrpc() {
      super(new GrpcRuns(platform.rpc()), "grpc-", platform.models());
    }
  }

  @Nested
  class InferenceOverRest extends InferenceContract {
    InferenceOverRest() {
      super(new RestInference(platform.rest()), platform.models());
    }
  }

  @Nested
  class InferenceOverGrpc extends InferenceContract {
    InferenceOverGrpc() {
      super(new GrpcInference(platform.rpc()), platform.models());
    }
  }

  @Nested
  class OpenAi extends OpenAiContract {
    OpenAi() {
      super(platform.rest(), platform.models());
    }
  }

  @Nested
  class Detect extends DetectContract {
    Detect() {
      super(platform.rest(), platform.models());
    }
  }

  @Nested
  class Classify extends ClassifyContract {
    Classify() {
      super(platform.rest(), platform.models());
    }
  }

  @Nested
  class Activations extends ActivationContract {
    Activations() {
      super(platform.rest(), platform.rpc());
    }
  }

  @Nested
  class ClassifyOnTheCommandLine extends ClassifyCommandContract {
    ClassifyOnTheCommandLine() {
      super(platform.address(), platform.home(), platform.models());
    }
  }

  @Nested
  class DetectOnTheCommandLine extends DetectCommandContract {
    DetectOnTheCommandLine() {
      super(platform.address(), platform.home(), platform.models());
    }
  }

  @Nested
  class Keys extends KeyContract {
    Keys() {
      super(platform.rest(), platform.rpc());
    }
  }

  @Nested
  class Operations extends OperationContract {
    Operations() {
      super(platform.rest(), platform.rpc());
    }
  }

  @Nested
  class Errors extends ErrorContract {
    Errors() {
      super(platform.rest());
    }
  }

  @Nested
  class Edges extends EdgeContract {
    Edges() {
      super(platform);
    }
  }

  @Nested
  class DescriptionsOfRequests extends DescriptionContract {
    DescriptionsOfRequests() {
      super(platform.rest(), platform.descriptions());
    }
  }

  @Nested
  class ClientsFromDescriptions extends GeneratedClientContract {
    ClientsFromDescriptions() {
      super(platform.rest(), platform.descriptions(), platform.models());
    }
  }

  @Nested
  class References extends ReferenceContract {
    References() {
      super(platform.descriptions());
    }
  }

  @Nested
  class Traces extends TraceContract {
    Traces() {
      super(platform.rest(), platform.rpc(), platform.models(), platform.traces());
    }
  }

  @Nested
  class PrintedCommands extends PrintedCommandsContract {
    PrintedCommands() {
      super(platform);
    }
  }

  @Nested
  @Order(Integer.MAX_VALUE - 1)
  class Metrics extends MetricsContract {
    Metrics() {
      super(platform.rest(), platform.models());
    }
  }

  @Nested
  @Order(Integer.MAX_VALUE)
  class Completeness extends CompletenessContract {
    Completeness() {
      super(platform.calls(), platform.descriptions());
    }
  }
}
