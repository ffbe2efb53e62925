"""nginx as the park's front: it serves the shelf and hands everything else to the proxy.

`up` writes the configuration, supervisord runs nginx with it. It is an nginx of the park's own:
neither the system's configuration nor its service is touched.
"""

from pathlib import Path

from technopark.front import shelf
from technopark.front.cards import PATH
from technopark.front.kinds import HEADERS, OTHER, TEXTS, TYPES
from technopark.front.ways import proxy_socket
from technopark.settings import Settings


def configuration_file(settings: Settings) -> Path:
    """Where the configuration is."""
    return settings.data / "run" / "nginx.conf"


def write_configuration(settings: Settings, error_page: Path) -> None:
    """Writes it; see `configuration`."""
    (settings.data / "run" / "nginx").mkdir(mode=0o700, parents=True, exist_ok=True)
    text = configuration(settings, error_page)
    configuration_file(settings).write_text(text, encoding="utf-8")


def configuration(settings: Settings, error_page: Path) -> str:
    """The whole configuration file of nginx.

    Args:
        settings: the park's.
        error_page: shown while the proxy does not answer.
    """
    run = settings.data / "run"
    types = " ".join(f"{kind} {ending[1:]};" for ending, kind in TYPES.items())
    headers = "".join(f"add_header {name} {_quoted(value)}; " for name, value in HEADERS.items())
    return f"""# Written by `./park up`; changes are lost.
# The sockets in {run} are for the park's own user alone.
user root;
worker_processes auto;
daemon off;
pid {_quoted(run / "nginx.pid")};
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    types {{ {types} }}
    default_type {OTHER};
    charset utf-8;
    charset_types {" ".join(TEXTS)};
    client_body_temp_path {_quoted(run / "nginx" / "body")};
    proxy_temp_path {_quoted(run / "nginx" / "proxy")};
    fastcgi_temp_path {_quoted(run / "nginx" / "fastcgi")};
    uwsgi_temp_path {_quoted(run / "nginx" / "uwsgi")};
    scgi_temp_path {_quoted(run / "nginx" / "scgi")};
    map $http_accept_encoding $form {{ {_forms()} }}
    map $uri $encoding {{ {_encodings()} }}
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    upstream park {{ server {_quoted(f"unix:{proxy_socket(settings)}")}; keepalive 32; }}
    server {{
        listen {settings.web.listen_ip}:{settings.web.listen_port};
        merge_slashes off;
        # How large an upload may be, and which headers are right, is for those behind to say.
        client_max_body_size 0;
        large_client_header_buffers 8 32k;
        ignore_invalid_headers off;
        root {_quoted(shelf.trees(settings).parent)};
        disable_symlinks on;
        location {PATH}/ {{ return 404; }}
        {_texts(headers)}
        location ~ "^{PATH}/{shelf.NAME}/.+$" {{
            try_files $uri =404;
            if ($request_method !~ ^(GET|HEAD)$) {{ return 405; }}
            {headers}
        }}
        location / {{
            proxy_pass http://park;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            # News of a starting server and of a running cell come in small pieces, at once.
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_read_timeout 1d;
            proxy_send_timeout 1d;
            error_page 502 504 =503 /technopark-is-away;
        }}
        location = /technopark-is-away {{
            internal;
            default_type text/html;
            alias {_quoted(error_page)};
        }}
    }}
}}
"""


def _forms() -> str:
    """The best form of a file that the browser takes: nginx takes the first that fits."""
    fits = (f'"~*(^|[, ]){name}($|[,; ])" {ending};' for ending, name in shelf.FORMS.items())
    return " ".join(fits) + ' default "";'


def _encodings() -> str:
    """What HTTP calls the form that is sent; by its name, as it may be missing."""
    return (
        " ".join(f'"~\\{ending}$" {name};' for ending, name in shelf.FORMS.items()) + ' default "";'
    )


def _texts(headers: str) -> str:
    """Files that lie there compressed, too, kind by kind.

    nginx's own modules for that (`gzip_static`) answer no question for a part of a file: a browser
    that has half of it, as its page went on or the line broke, would begin anew.
    """
    return "\n        ".join(
        f"""location ~ "^{PATH}/{shelf.NAME}/.+\\{ending}$" {{
            types {{ }} default_type {_quoted(f"{kind}; charset=utf-8" if kind in TEXTS else kind)};
            try_files $uri$form $uri =404;
            if ($request_method !~ ^(GET|HEAD)$) {{ return 405; }}
            add_header Content-Encoding $encoding; add_header Vary Accept-Encoding; {headers}
        }}"""
        for ending, kind in TYPES.items()
        if ending in shelf.TEXTS
    )


def _quoted(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
