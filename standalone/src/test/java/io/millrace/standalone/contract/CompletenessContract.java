package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.MethodDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.millrace.gateway.Service;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nothing that is described was left out: to be run last. */
abstract class CompletenessContract {
  private final Calls calls;
  private final Descriptions descriptions;

  CompletenessContract(Calls calls, Descriptions descriptions) {
    this.calls = calls;
    this.descriptions = descriptions;
  }

  @Test
  void everyDescribedRequestWasSent() {
    List<String> missing =
        descriptions.operations().stream()
            .flatMap(operation ->
                operation.contentTypes().isEmpty()
                    ? Stream.of(missing(operation, List.of()))
                    : operation.contentTypes().stream()
                        .map(type -> missing(operation, List.of(type))))
            .flatMap(List::stream)
            .toList();
    assertThat(missing).as("described, but not called by this suite").isEmpty();
  }

  @Test
  void everyAnswerIsAsDescribed() {
    Set<String> faults = new TreeSet<>();
    int compared = 0;
    for (Descriptions.Operation operation : descriptions.operations()) {
      for (Calls.Answered answer : calls.answers()) {
        if (answer.verb().equals(operation.verb())
            && Calls.isOne(answer.path(), operation.path())) {
          compared++;
          DescribedForm.faults(
                  descriptions.of(operation.service()),
                  descriptions.schema(operation, answer.status()),
                  answer.json())
              .forEach(fault -> faults.add(operation + " " + answer.status() + " " + fault));
        }
      }
    }
    assertThat(compared).isGreaterThan(100);
    assertThat(faults).as("where answers are not as described").isEmpty();
  }

  @Test
  void everyMethodWasCalled() {
    Stream<MethodDescriptor<?, ?>> methods =
        Stream.concat(
            Arrays.stream(Service.values())
                .flatMap(service -> service.grpc().getMethods().stream()),
            Stream.of(HealthGrpc.getCheckMethod()));
    assertThat(methods.map(MethodDescriptor::getFullMethodName))
        .as("methods that this suite calls")
        .isNotEmpty()
        .allMatch(calls::hasMethod);
  }

  private List<String> missing(Descriptions.Operation operation, List<String> types) {
    return calls.hasRequest(operation.verb(), operation.path(), types)
        ? List.of()
        : List.of((operation + " " + String.join(", ", types)).strip());
  }
}
