/** The names by which frameworks find what a file is to do: declared for them, they have to be exported. @module */

const HTTP = "GET POST PUT PATCH DELETE HEAD OPTIONS";

const NAMES: readonly { path: RegExp; framework: string; names: ReadonlySet<string> }[] = [
  {
    framework: "next",
    path: /(?:^|\/)app\/(?:.*\/)?(?:page|layout|template|default)\.[jt]sx?$/,
    names: new Set(
      "metadata viewport generateMetadata generateViewport generateStaticParams revalidate dynamic dynamicParams fetchCache runtime preferredRegion maxDuration"
        .split(" "),
    ),
  },
  {
    framework: "next",
    path: /(?:^|\/)app\/(?:.*\/)?route\.[jt]s$/,
    names: new Set(`${HTTP} revalidate dynamic runtime maxDuration`.split(" ")),
  },
  {
    framework: "next",
    path: /(?:^|\/)pages\/(?!api\/).*\.[jt]sx?$/,
    names: new Set("getServerSideProps getStaticProps getStaticPaths".split(" ")),
  },
  {
    framework: "svelte",
    path: /(?:^|\/)\+(?:page|layout)(?:\.server)?\.[jt]s$/,
    names: new Set("load actions prerender ssr csr trailingSlash entries config".split(" ")),
  },
  { framework: "svelte", path: /(?:^|\/)\+server\.[jt]s$/, names: new Set(`${HTTP} prerender`.split(" ")) },
  {
    framework: "svelte",
    path: /(?:^|\/)hooks(?:\.server|\.client)?\.[jt]s$/,
    names: new Set("handle handleError handleFetch init".split(" ")),
  },
];

/** True for a name that the framework looks for in a file of this path. */
export function isFrameworkExport(framework: string, path: string, name: string): boolean {
  return NAMES.some((one) => one.framework === framework && one.path.test(path) && one.names.has(name));
}
