package io.millrace.inference.rpc;

import io.millrace.contracts.inference.v1.Classified;
import io.millrace.contracts.inference.v1.ClassifyRequest;
import io.millrace.contracts.inference.v1.ClassifyResponse;
import io.millrace.contracts.inference.v1.LikelyClass;
import io.millrace.inference.classify.Classifications;
import io.millrace.inference.classify.ClassifyInput;
import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;

/** The contract's messages of classification. */
final class ClassifyMessages {

  private ClassifyMessages() {}

  /**
   * The inputs of a request.
   *
   * @throws MillraceException INVALID_ARGUMENT if one is none of the kinds
   */
  static List<ClassifyInput> inputs(ClassifyRequest request) {
    List<ClassifyInput> inputs = new ArrayList<>();
    for (io.millrace.contracts.inference.v1.ClassifyInput one : request.getInputsList()) {
      inputs.add(
          switch (one.getKindCase()) {
            case TEXT -> new ClassifyInput.Written(one.getText());
            case ROW -> new ClassifyInput.Row(one.getRow().getNumbersMap());
            case IMAGE -> new ClassifyInput.Image(one.getImage().toByteArray());
            case KIND_NOT_SET ->
                throw MillraceException.invalid(
                    "inputs", "inputs[%d] has no text, row or image".formatted(inputs.size()));
          });
    }
    return inputs;
  }

  static ClassifyResponse response(Classifications.Result result) {
    ClassifyResponse.Builder response =
        ClassifyResponse.newBuilder().setModelVersion(result.modelVersion());
    for (List<Classifications.Likely> answer : result.answers()) {
      Classified.Builder classified = Classified.newBuilder();
      for (Classifications.Likely one : answer) {
        classified.addClasses(
            LikelyClass.newBuilder().setLabel(one.label()).setProbability(one.probability()));
      }
      response.addResults(classified);
    }
    return response.build();
  }
}
