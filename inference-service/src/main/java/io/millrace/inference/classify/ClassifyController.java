package io.millrace.inference.classify;

import io.millrace.platform.error.MillraceException;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/**
 * {@code POST /api/classify} with a JSON object whose {@code inputs} are texts, rows or pictures; a
 * picture may be the body itself ({@code ?model=NAME}), and several the parts {@code inputs} of a
 * form.
 */
@RestController
class ClassifyController {

  private static final Set<String> KNOWN = Set.of("model", "top_k");

  private final Classifications classifications;

  ClassifyController(Classifications classifications) {
    this.classifications = classifications;
  }

  /** The JSON form of a request. */
  record ClassificationRequest(
      @Schema(example = "iris") @Nullable String model,
      @Schema(description = ClassifyDescription.INPUTS) @Nullable List<Object> inputs,
      @Schema(description = ClassifyDescription.TOP) @Nullable Integer topK) {}

  /** A class and its probability. */
  record LikelyClass(String label, double probability) {}

  /**
   * What an input is.
   *
   * @param label the most likely class
   * @param probability its probability
   * @param classes the most likely ones, the first first
   */
  record Classified(String label, double probability, List<LikelyClass> classes) {

    static Classified of(List<Classifications.Likely> answer) {
      Classifications.Likely best = answer.getFirst();
      return new Classified(
          best.label(),
          best.probability(),
          answer.stream().map(one -> new LikelyClass(one.label(), one.probability())).toList());
    }
  }

  /** The answers, in the order of the inputs. */
  record ClassificationAnswer(String model, int modelVersion, List<Classified> results) {}

  @ClassifyDescription
  @PostMapping(path = "/api/classify", consumes = MediaType.APPLICATION_JSON_VALUE)
  ClassificationAnswer classifyInJson(@RequestBody ClassificationRequest wanted) {
    String model = wanted.model();
    List<Object> given = wanted.inputs() == null ? List.of() : wanted.inputs();
    List<ClassifyInput> inputs = new ArrayList<>();
    for (Object one : given) {
      inputs.add(input("inputs[" + inputs.size() + "]", one));
    }
    return answer(required(model), inputs, wanted.topK());
  }

  private static ClassifyInput input(String name, @Nullable Object value) {
    return switch (value) {
      case String text -> new ClassifyInput.Written(text);
      case Map<?, ?> row -> row(name, row);
      case null, default ->
          throw MillraceException.invalid(
              InputReader.INPUTS,
              "%s must be a text, a picture in base64 or an object with a number a column, it is %s"
                  .formatted(name, value));
    };
  }

  private static ClassifyInput row(String name, Map<?, ?> given) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    given.forEach((column, value) -> {
      if (!(value instanceof Number number)) {
        String found = value instanceof String text ? "the text '" + text + "'" : "" + value;
        throw MillraceException.invalid(
            InputReader.INPUTS,
            "%s: column '%s' must be a number, it is %s".formatted(name, column, found));
      }
      numbers.put(String.valueOf(column), number.doubleValue());
    });
    return new ClassifyInput.Row(numbers);
  }

  @Hidden // See ClassifyDescription.
  @PostMapping(
      path = "/api/classify",
      consumes = {MediaType.IMAGE_PNG_VALUE, MediaType.IMAGE_JPEG_VALUE})
  ClassificationAnswer classify(
      @RequestParam MultiValueMap<String, String> query, @RequestBody byte[] picture) {
    return answer(query, List.of(new ClassifyInput.Image(picture)));
  }

  @Hidden // See ClassifyDescription.
  @PostMapping(path = "/api/classify", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  ClassificationAnswer classifyInForm(
      @RequestParam MultiValueMap<String, String> fields, MultipartHttpServletRequest form)
      throws IOException {
    List<MultipartFile> files = form.getFiles(InputReader.INPUTS);
    if (files.isEmpty() || form.getMultiFileMap().size() != 1) {
      throw MillraceException.invalid(
          InputReader.INPUTS,
          "the form must have pictures as files named inputs, and beside them may have model and top_k");
    }
    List<ClassifyInput> inputs = new ArrayList<>();
    for (MultipartFile file : files) {
      inputs.add(new ClassifyInput.Image(file.getBytes()));
    }
    return answer(fields, inputs);
  }

  private ClassificationAnswer answer(
      MultiValueMap<String, String> parameters, List<ClassifyInput> inputs) {
    parameters.forEach((name, values) -> {
      if (!KNOWN.contains(name)) {
        throw MillraceException.invalid(
            name, "unknown parameter '%s'; known are model and top_k".formatted(name));
      }
      if (values.size() > 1) {
        throw MillraceException.invalid(name, name + " is given " + values.size() + " times");
      }
    });
    return answer(
        required(parameters.getFirst("model")), inputs, whole(parameters.getFirst("top_k")));
  }

  private static @Nullable Integer whole(@Nullable String text) {
    try {
      return text == null || text.isEmpty() ? null : Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw MillraceException.invalid(
          "top_k", "top_k must be a whole number, it is '%s'".formatted(text));
    }
  }

  private static String required(@Nullable String model) {
    if (model == null || model.isEmpty()) {
      throw MillraceException.invalid("model", "model is missing");
    }
    return model;
  }

  private ClassificationAnswer answer(
      String model, List<ClassifyInput> inputs, @Nullable Integer top) {
    Classifications.Result result = classifications.classify(model, inputs, top);
    return new ClassificationAnswer(
        model, result.modelVersion(), result.answers().stream().map(Classified::of).toList());
  }
}
