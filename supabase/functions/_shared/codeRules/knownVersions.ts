/**
 * The packages that may be added to a project, with ranges whose first version was published: a package that is not here
 * is never added, whatever the code says, as anybody may have taken its name.
 *
 * @module
 */

const RANGES: Readonly<Record<string, string>> = {
  react: "^19.0.0",
  "react-dom": "^19.0.0",
  "react-router-dom": "^7.0.0",
  next: "^15.0.0",
  vue: "^3.5.0",
  "vue-router": "^4.5.0",
  pinia: "^3.0.0",
  svelte: "^5.0.0",
  "@sveltejs/kit": "^2.0.0",
  express: "^5.0.0",
  cors: "^2.8.5",
  helmet: "^8.0.0",
  morgan: "^1.10.0",
  compression: "^1.8.0",
  "cookie-parser": "^1.4.7",
  "body-parser": "^2.0.0",
  "express-rate-limit": "^8.0.0",
  multer: "^2.0.0",
  dotenv: "^16.4.0",
  mongoose: "^8.0.0",
  jsonwebtoken: "^9.0.2",
  bcryptjs: "^3.0.0",
  bcrypt: "^6.0.0",
  pg: "^8.13.0",
  mysql2: "^3.11.0",
  ioredis: "^5.4.0",
  nodemailer: "^6.9.0",
  ws: "^8.18.0",
  "socket.io": "^4.8.0",
  "socket.io-client": "^4.8.0",
  "@prisma/client": "^6.0.0",
  winston: "^3.17.0",
  pino: "^9.5.0",
  axios: "^1.7.0",
  zod: "^4.0.0",
  joi: "^17.13.0",
  yup: "^1.4.0",
  clsx: "^2.1.0",
  classnames: "^2.5.0",
  "tailwind-merge": "^3.0.0",
  "class-variance-authority": "^0.7.0",
  "date-fns": "^4.0.0",
  dayjs: "^1.11.0",
  lodash: "^4.17.21",
  uuid: "^11.0.0",
  nanoid: "^5.0.0",
  immer: "^10.1.0",
  "framer-motion": "^12.0.0",
  "@tanstack/react-query": "^5.60.0",
  zustand: "^5.0.0",
  jotai: "^2.10.0",
  redux: "^5.0.0",
  "react-redux": "^9.1.0",
  "@reduxjs/toolkit": "^2.3.0",
  swr: "^2.2.0",
  "react-hook-form": "^7.53.0",
  "@hookform/resolvers": "^5.0.0",
  formik: "^2.4.0",
  "@supabase/supabase-js": "^2.45.0",
  stripe: "^17.0.0",
  openai: "^5.0.0",
  "lucide-react": "^0.460.0",
  "react-icons": "^5.3.0",
  recharts: "^3.0.0",
  "chart.js": "^4.4.0",
  d3: "^7.9.0",
  three: "^0.170.0",
  sonner: "^2.0.0",
  "react-hot-toast": "^2.5.0",
  "react-toastify": "^11.0.0",
  "react-markdown": "^9.0.0",
  marked: "^15.0.0",
  "next-themes": "^0.4.0",
  "@headlessui/react": "^2.2.0",
  "@heroicons/react": "^2.2.0",
  "@emotion/react": "^11.14.0",
  "@emotion/styled": "^11.14.0",
  "styled-components": "^6.1.0",
  hono: "^4.6.0",
  fastify: "^5.0.0",
  koa: "^3.0.0",
};

const DEVELOPMENT: Readonly<Record<string, string>> = {
  vite: "^7.0.0",
  vitest: "^3.0.0",
  typescript: "^5.7.0",
  "@vitejs/plugin-react": "^5.0.0",
  "@vitejs/plugin-vue": "^6.0.0",
  "@sveltejs/vite-plugin-svelte": "^6.0.0",
  "@sveltejs/adapter-auto": "^6.0.0",
  tailwindcss: "^4.0.0",
  "@testing-library/react": "^16.1.0",
  "@types/react": "^19.0.0",
  "@types/react-dom": "^19.0.0",
  "@types/node": "^22.0.0",
  "@types/express": "^5.0.0",
  tsx: "^4.19.0",
};

/** The range of a package that may be added, and the list it belongs to; undefined for every other package. */
export function knownRange(
  name: string,
): { range: string; list: "dependencies" | "devDependencies" } | undefined {
  if (Object.hasOwn(RANGES, name)) return { range: RANGES[name]!, list: "dependencies" };
  return Object.hasOwn(DEVELOPMENT, name)
    ? { range: DEVELOPMENT[name]!, list: "devDependencies" }
    : undefined;
}

/** The specifier by which an edge function names a package of the table. */
export function edgeSpecifier(name: string, specifier: string): string | undefined {
  const known = knownRange(name);
  const major = known === undefined
    ? undefined
    : /\d+(?:\.\d+)?/.exec(known.range)?.[0].replace(/^([1-9]\d*)\..*$/, "$1");
  return major === undefined ? undefined : `npm:${name}@${major}${specifier.slice(name.length)}`;
}
