{%- extends 'nbgrader/manage_submissions.tpl' -%}

{%- block messages -%}
<p>
  <button type="button" class="btn btn-primary" id="grade-all">{{ words["grade all"] }}</button>
  <a class="btn btn-default" href="{{ base_url }}/technopark/marks.csv">{{ words["marks"] }}</a>
  <span id="grade-all-progress" role="status" aria-live="polite"></span>
</p>
<script>
(function () {
  var words = {{ words | tojson }};
  var address = base_url + "/technopark/autograde/" + encodeURIComponent(assignment_id);
  var button = $("#grade-all");
  var progress = $("#grade-all-progress");

  function show(state) {
    button.prop("disabled", state.running);
    if (state.running) {
      progress.text(words["grading"] + ": " + state.graded + " / " + state.collected);
      setTimeout(ask, 2000);
    } else if (state.failed) {
      progress.text(words["failed"]);
    } else {
      progress.text(words["done"]);
      location.reload();
    }
  }

  function lost() {
    button.prop("disabled", false);
    progress.text(words["lost"]);
  }

  // JupyterHub believes a page's own requests by this header, as nbgrader's pages send it.
  function call(method) {
    var headers = {"X-CSRFToken": getCookie("_xsrf")};
    return $.ajax({url: address, method: method, dataType: "json", headers: headers});
  }

  function ask() {
    call("GET").done(show).fail(lost);
  }

  button.on("click", function () {
    button.prop("disabled", true);
    call("POST").done(show).fail(lost);
  });

  call("GET").done(function (state) {
    if (state.running) { show(state); }
  });
})();
</script>
{%- endblock -%}
