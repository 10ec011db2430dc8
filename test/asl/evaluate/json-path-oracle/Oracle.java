import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.PathNotFoundException;
import com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider;
import com.jayway.jsonpath.spi.mapper.JacksonMappingProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A line in is a JSON list of a path and a document; a line out is its value, why there is none, or why the path is none. */
public final class Oracle {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Configuration CONFIGURATION =
      Configuration.builder()
          .jsonProvider(new JacksonJsonNodeJsonProvider())
          .mappingProvider(new JacksonMappingProvider())
          .build();

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, "UTF-8");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode question = JSON.readTree(line);
      out.println(JSON.writeValueAsString(ask(question.get(0).asText(), question.get(1))));
    }
  }

  private static ObjectNode ask(String text, JsonNode document) {
    ObjectNode answer = JSON.createObjectNode();
    JsonPath path;
    try {
      path = JsonPath.compile(text);
    } catch (RuntimeException noPath) {
      return answer.put("refused", noPath.getMessage());
    }
    try {
      Object value = path.read((Object) document, CONFIGURATION);
      answer.set("value", JSON.valueToTree(value));
    } catch (PathNotFoundException missing) {
      answer.put("missing", missing.getMessage());
    } catch (RuntimeException failed) {
      answer.put("failed", failed.getMessage());
    }
    return answer;
  }
}
